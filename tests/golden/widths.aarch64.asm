   0: ld   [4]  ; arch
   1: jeq  #0xc00000b7, 2, 5
   2: ld   [0]  ; nr
   3: jge  #0x82, 4, 6
   4: jge  #0x1d8, 5, 16
   5: ret  #0x50026  ; errno(38)
   6: jeq  #0x35, 7, 9
   7: ld   [32]  ; args[2].low
   8: jset #0xfe00, 16, 17
   9: jeq  #0x5c, 10, 12
  10: ld   [16]  ; args[0].low
  11: jeq  #0xffffffff, 17, 16
  12: jeq  #0x81, 13, 16
  13: ld   [24]  ; args[1].low
  14: and  #0x7f
  15: jeq  #0xf, 17, 16
  16: ret  #0x80000000  ; kill_process
  17: ret  #0x7fff0000  ; allow
