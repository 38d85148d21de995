   0: ld   [4]  ; arch
   1: jeq  #0xc00000b7, 2, 5
   2: ld   [0]  ; nr
   3: jge  #0x82, 4, 6
   4: jge  #0x1d8, 5, 17
   5: ret  #0x50026  ; errno(38)
   6: jeq  #0x35, 7, 10
   7: ld   [32]  ; args[2].low
   8: and  #0xffff
   9: jge  #0x200, 17, 18
  10: jeq  #0x5c, 11, 13
  11: ld   [16]  ; args[0].low
  12: jeq  #0xffffffff, 18, 17
  13: jeq  #0x81, 14, 17
  14: ld   [24]  ; args[1].low
  15: and  #0x7f
  16: jeq  #0xf, 18, 17
  17: ret  #0x80000000  ; kill_process
  18: ret  #0x7fff0000  ; allow
