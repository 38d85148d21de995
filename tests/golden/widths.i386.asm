   0: ld   [4]  ; arch
   1: jeq  #0x40000003, 2, 9
   2: ld   [0]  ; nr
   3: jge  #0x132, 4, 10
   4: jge  #0x133, 8, 5
   5: ld   [32]  ; args[2].low
   6: and  #0xffff
   7: jge  #0x200, 17, 18
   8: jge  #0x1d8, 9, 17
   9: ret  #0x50026  ; errno(38)
  10: jeq  #0x25, 11, 14
  11: ld   [24]  ; args[1].low
  12: and  #0x7f
  13: jeq  #0xf, 18, 17
  14: jeq  #0x88, 15, 17
  15: ld   [16]  ; args[0].low
  16: jeq  #0xffffffff, 18, 17
  17: ret  #0x80000000  ; kill_process
  18: ret  #0x7fff0000  ; allow
