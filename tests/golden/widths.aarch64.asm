   0: ld   [4]  ; arch
   1: jeq  #0xc00000b7, 2, 4
   2: ld   [0]  ; nr
   3: jge  #0x1d8, 4, 5
   4: ret  #0x50026  ; errno(38)
   5: jeq  #0x35, 6, 8
   6: ld   [32]  ; args[2].low
   7: jset #0xe00, 15, 16
   8: jeq  #0x5c, 9, 11
   9: ld   [16]  ; args[0].low
  10: jeq  #0xffffffff, 16, 15
  11: jeq  #0x81, 12, 15
  12: ld   [24]  ; args[1].low
  13: and  #0x7f
  14: jeq  #0xf, 16, 15
  15: ret  #0x80000000  ; kill_process
  16: ret  #0x7fff0000  ; allow
