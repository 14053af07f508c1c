// The tables of 3GPP TS 23.038 as the annex prints them, septet by septet: what the service's own
// tables, which only say where they differ, are held against.

/** Septets 0x00 to 0x7F in order; U+001B where the escape stands. */
export const LOCKING_TABLES = {
  // §6.2.1
  default:
    '@£$¥èéùìòÇ\nØø\rÅå' +
    'Δ_ΦΓΛΩΠΨΣΘΞ\u001BÆæßÉ' +
    ' !"#¤%&\'()*+,-./' +
    '0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNO' +
    'PQRSTUVWXYZÄÖÑÜ§' +
    '¿abcdefghijklmno' +
    'pqrstuvwxyzäöñüà',
  // A.3.1
  tr:
    '@£$¥€éùıòÇ\nĞğ\rÅå' +
    'Δ_ΦΓΛΩΠΨΣΘΞ\u001BŞşßÉ' +
    ' !"#¤%&\'()*+,-./' +
    '0123456789:;<=>?' +
    'İABCDEFGHIJKLMNO' +
    'PQRSTUVWXYZÄÖÑÜ§' +
    'çabcdefghijklmno' +
    'pqrstuvwxyzäöñüà',
  // A.3.3
  pt:
    '@£$¥êéúíóç\nÔô\rÁá' +
    'Δ_ªÇÀ∞^\\€Ó|\u001BÂâÊÉ' +
    ' !"#º%&\'()*+,-./' +
    '0123456789:;<=>?' +
    'ÍABCDEFGHIJKLMNO' +
    'PQRSTUVWXYZÃÕÚÜ§' +
    '~abcdefghijklmno' +
    'pqrstuvwxyzãõ`üà',
} as const;

/** Septets 0x00 to 0x7F behind an escape; a full stop where nothing stands. */
export const SINGLE_TABLES = {
  // §6.2.1.1
  default:
    '..........\f.....' +
    '....^...........' +
    '........{}.....\\' +
    '............[~].' +
    '|...............' +
    '................' +
    '.....€..........' +
    '................',
  // A.2.1
  tr:
    '..........\f.....' +
    '....^...........' +
    '........{}.....\\' +
    '............[~].' +
    '|......Ğ.İ......' +
    '...Ş............' +
    '...ç.€.ğ.ı......' +
    '...ş............',
  // A.2.2
  es:
    '.........ç\f.....' +
    '....^...........' +
    '........{}.....\\' +
    '............[~].' +
    '|Á.......Í.....Ó' +
    '.....Ú..........' +
    '.á...€...í.....ó' +
    '.....ú..........',
  // A.2.3
  pt:
    '.....ê...ç\fÔô.Áá' +
    '..ΦΓ^ΩΠΨΣΘ.....Ê' +
    '........{}.....\\' +
    '............[~].' +
    '|À.......Í.....Ó' +
    '.....Ú.....ÃÕ...' +
    '.Â...€...í.....ó' +
    '.....ú.....ãõ..â',
} as const;
