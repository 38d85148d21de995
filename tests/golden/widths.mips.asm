   0: ld   [4]  ; arch
   1: jeq  #0x8, 2, 4
   2: ld   [0]  ; nr
   3: jge  #0x1178, 4, 5
   4: ret  #0x50059  ; errno(89)
   5: jeq  #0xfc5, 6, 9
   6: ld   [28]  ; args[1].low
   7: and  #0x7f
   8: jeq  #0xf, 15, 16
   9: jeq  #0x1028, 10, 12
  10: ld   [20]  ; args[0].low
  11: jeq  #0xffffffff, 15, 16
  12: jeq  #0x10cb, 13, 16
  13: ld   [36]  ; args[2].low
  14: jset #0xe00, 16, 15
  15: ret  #0x7fff0000  ; allow
  16: ret  #0x80000000  ; kill_process
