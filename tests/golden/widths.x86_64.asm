   0: ld   [4]  ; arch
   1: jeq  #0xc000003e, 2, 5
   2: ld   [0]  ; nr
   3: jge  #0x88, 4, 10
   4: jge  #0x1d8, 5, 6
   5: ret  #0x50026  ; errno(38)
   6: jeq  #0x10c, 7, 25
   7: ld   [32]  ; args[2].low
   8: and  #0xffff
   9: jge  #0x200, 25, 26
  10: jeq  #0x1, 11, 15
  11: ld   [36]  ; args[2].high
  12: jeq  #0x0, 13, 25
  13: ld   [32]  ; args[2].low
  14: jge  #0x10000, 25, 26
  15: jeq  #0x8, 16, 18
  16: ld   [28]  ; args[1].high
  17: jeq  #0x0, 25, 26
  18: jeq  #0x3e, 19, 22
  19: ld   [24]  ; args[1].low
  20: and  #0x7f
  21: jeq  #0xf, 26, 25
  22: jeq  #0x87, 23, 25
  23: ld   [16]  ; args[0].low
  24: jeq  #0xffffffff, 26, 25
  25: ret  #0x80000000  ; kill_process
  26: ret  #0x7fff0000  ; allow
