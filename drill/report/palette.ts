/** Colours of the charts on a light ground. Those that stand beside each other differ in lightness, not in hue only. */
export const COLORS = {
  ground: '#ffffff',
  ink: '#1f2933',
  faint: '#5f6b7a',
  grid: '#e3e8ed',
  load: '#8896a5',
  fault: '#c8323c',
  promotion: '#7b2d8b',
  healed: '#1f6fb2',
  recovered: '#0a7a4b',
  p50: '#22303c',
  p99: '#2b7fc4',
  hit: '#0b7a75',
  miss: '#e69f00',
  bypass: '#aeb9c4',
} as const;

export type ColorName = keyof typeof COLORS;

/** The same on a dark ground. */
const DARK: Readonly<Record<ColorName, string>> = {
  ground: '#14191f',
  ink: '#e4e9ee',
  faint: '#a3afbb',
  grid: '#2b343d',
  load: '#7d8b99',
  fault: '#ff7b72',
  promotion: '#d2a0e6',
  healed: '#79b8f0',
  recovered: '#5fd29b',
  p50: '#e9eef2',
  p99: '#5aa9e6',
  hit: '#2aa79f',
  miss: '#f0b93a',
  bypass: '#56626e',
};

const NAMES = Object.keys(COLORS) as ColorName[];

/** Custom properties of the page, by the same names. */
export function colorProperties(scheme: 'light' | 'dark'): string {
  const colors = scheme === 'light' ? COLORS : DARK;
  return NAMES.map((name) => `--${name}:${colors[name]}`).join(';');
}

/** Rules that recolour a chart within the page, whose own colours are attributes so that every viewer knows them. */
export function darkChartRules(): string {
  return NAMES.flatMap((name) =>
    ['fill', 'stroke'].map((paint) => `.chart [${paint}='${COLORS[name]}']{${paint}:var(--${name})}`),
  ).join('\n');
}
