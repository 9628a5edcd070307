/** Specific Character Set (0008,0005): bytes of text values → text (PS3.3 C.12.1.1.2, PS3.5 §6.1). */

/** Defined terms → labels of the platform's decoders; single-byte, code extension and multi-byte sets. */
const LABELS: Readonly<Record<string, string>> = {
  '': 'latin1',
  'ISO_IR 6': 'latin1',
  'ISO_IR 100': 'latin1',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'iso-8859-9',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
  'ISO 2022 IR 13': 'shift_jis',
  'ISO 2022 IR 87': 'iso-2022-jp',
  'ISO 2022 IR 159': 'iso-2022-jp',
  'ISO 2022 IR 149': 'euc-kr',
  'ISO 2022 IR 58': 'gb2312',
};

/** Escape sequences that call a set of G1 (Korean, Chinese); their decoders know the bytes, not the escapes. */
const ESCAPE = String.fromCharCode(0x1b);
const G1_ESCAPES = new RegExp(`${ESCAPE}\\$\\)[AC]`, 'g');

function label(term: string): string {
  const stated = term.trim();
  return LABELS[stated] ?? LABELS[stated.replace(/^ISO 2022 IR (\d+)$/, 'ISO_IR $1')] ?? 'latin1';
}

/** The decoder of text values under the stated set; undecodable bytes become replacement characters, never an error. */
export function textDecoder(specificCharacterSet: string | undefined): (bytes: Uint8Array) => string {
  const labels = (specificCharacterSet ?? '').split('\\').map(label);
  // With code extensions the multi-byte set reads the first one's characters as well.
  const chosen = labels.find((name) => name === 'iso-2022-jp' || name === 'euc-kr' || name === 'gb2312') ?? labels[0];
  const decoder = new TextDecoder(chosen);
  return (bytes) => {
    const text = decoder.decode(bytes).replace(/\0/g, '');
    return chosen === 'euc-kr' || chosen === 'gb2312' ? text.replace(G1_ESCAPES, '') : text;
  };
}

/** A person name as a reader expects it: the first component group with text, carets as spaces. */
export function personName(value: string): string {
  const groups = value.split('=').map((group) => group.replaceAll('^', ' ').replace(/\s+/g, ' ').trim());
  return groups.find((group) => group !== '') ?? '';
}
