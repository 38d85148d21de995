   0: ld   [4]  ; arch
   1: jeq  #0xc000003e, 2, 4
   2: ld   [0]  ; nr
   3: jge  #0x1d8, 4, 5
   4: ret  #0x50026  ; errno(38)
   5: jge  #0x88, 6, 10
   6: jeq  #0x10c, 7, 27
   7: ld   [32]  ; args[2].low
   8: and  #0xffff
   9: jge  #0x200, 27, 26
  10: jge  #0x9, 11, 18
  11: jeq  #0x3e, 12, 15
  12: ld   [24]  ; args[1].low
  13: and  #0x7f
  14: jeq  #0xf, 26, 27
  15: jeq  #0x87, 16, 27
  16: ld   [16]  ; args[0].low
  17: jeq  #0xffffffff, 26, 27
  18: jeq  #0x1, 22, 19
  19: jeq  #0x8, 20, 27
  20: ld   [28]  ; args[1].high
  21: jeq  #0x0, 27, 26
  22: ld   [36]  ; args[2].high
  23: jeq  #0x0, 24, 27
  24: ld   [32]  ; args[2].low
  25: jge  #0x10000, 27, 26
  26: ret  #0x7fff0000  ; allow
  27: ret  #0x80000000  ; kill_process
