   0: ld   [4]  ; arch
   1: jeq  #0x80000016, 2, 9
   2: ld   [0]  ; nr
   3: jge  #0x12b, 4, 10
   4: jge  #0x12c, 8, 5
   5: ld   [36]  ; args[2].low
   6: and  #0xffff
   7: jge  #0x200, 26, 27
   8: jge  #0x1d8, 9, 26
   9: ret  #0x50026  ; errno(38)
  10: jge  #0x26, 11, 14
  11: jeq  #0x88, 12, 26
  12: ld   [20]  ; args[0].low
  13: jeq  #0xffffffff, 27, 26
  14: jeq  #0x4, 15, 19
  15: ld   [32]  ; args[2].high
  16: jeq  #0x0, 17, 26
  17: ld   [36]  ; args[2].low
  18: jge  #0x10000, 26, 27
  19: jeq  #0x13, 20, 22
  20: ld   [24]  ; args[1].high
  21: jeq  #0x0, 26, 27
  22: jeq  #0x25, 23, 26
  23: ld   [28]  ; args[1].low
  24: and  #0x7f
  25: jeq  #0xf, 27, 26
  26: ret  #0x80000000  ; kill_process
  27: ret  #0x7fff0000  ; allow
