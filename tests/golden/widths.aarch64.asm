   0: ld   [4]  ; arch
   1: jeq  #0xc00000b7, 2, 5
   2: ld   [0]  ; nr
   3: jge  #0x82, 4, 6
   4: jge  #0x1d8, 5, 18
   5: ret  #0x50026  ; errno(38)
   6: jge  #0x5c, 11, 7
   7: jeq  #0x35, 8, 18
   8: ld   [32]  ; args[2].low
   9: and  #0xffff
  10: jge  #0x200, 18, 19
  11: jeq  #0x5c, 12, 14
  12: ld   [16]  ; args[0].low
  13: jeq  #0xffffffff, 19, 18
  14: jeq  #0x81, 15, 18
  15: ld   [24]  ; args[1].low
  16: and  #0x7f
  17: jeq  #0xf, 19, 18
  18: ret  #0x80000000  ; kill_process
  19: ret  #0x7fff0000  ; allow
