/** Writing HTML safely: every value is escaped unless it was made here. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (c) => entities[c]);
}

export interface Raw {
  readonly markup: string;
}

/** Marks markup that is already safe. */
export function raw(markup: string): Raw {
  return { markup };
}

/** Template tag: text and numbers are escaped, `raw(…)` is inserted as it is. */
export function html(parts: TemplateStringsArray, ...values: (string | number | Raw)[]): string {
  let out = parts[0];
  values.forEach((value, i) => {
    out += typeof value === 'object' ? value.markup : escapeText(String(value));
    out += parts[i + 1];
  });
  return out;
}

/** Four significant digits at most, thin exponents. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '–';
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6))
    return value.toExponential(2).replace('e', '·10^');
  return String(Number(value.toPrecision(4)));
}

export interface Cell {
  text: string;
  css?: string;
}

export function htmlTable(
  caption: string,
  header: readonly string[],
  rows: readonly { css?: string; cells: readonly Cell[] }[],
): string {
  const head = header.map((title) => html`<th scope="col">${title}</th>`).join('');
  const body = rows.map(({ css, cells }) => {
    const columns = cells.map((cell) => html`<td class="${cell.css ?? ''}">${cell.text}</td>`).join('');
    return html`<tr class="${css ?? ''}">${raw(columns)}</tr>`;
  });
  const markup = html`<div class="scroll"><table aria-label="${caption}"><thead><tr>${raw(head)}</tr></thead><tbody>${raw(body.join(''))}</tbody></table></div>`;
  return markup.replaceAll(' class=""', '');
}
