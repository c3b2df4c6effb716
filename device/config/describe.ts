import { settings } from './settings.ts';

/** The reference of all settings, made from the schema. */
export function describeConfig(format: 'markdown' | 'yaml'): string {
  return format === 'markdown' ? asMarkdown() : asYaml();
}

function asMarkdown(): string {
  const rows = settings.map((setting) => {
    // The name of the machine that writes this reference is not the default of the next one.
    const fallback =
      setting.path === 'device.name'
        ? 'the host name'
        : setting.optional
          ? ''
          : `\`${JSON.stringify(setting.default)}\``;
    const cells = [`\`${setting.path}\``, setting.expected, fallback, `\`${setting.variable}\``, setting.description];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| setting | value | default | environment | what it is |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

/** A mien.yaml with every setting commented out at its default. */
function asYaml(): string {
  const lines = [
    '# Configuration of Mien. Every setting stands here with its default; remove the "# " before those that you change',
    '# (and before the name of their section). The environment (MIEN_...) and flags come before this file.',
  ];
  let section = '';
  for (const setting of settings) {
    const keys = setting.path.split('.');
    const key = keys.pop();
    const indent = '  '.repeat(keys.length);
    if (keys.join('.') !== section || keys.length === 0) lines.push('');
    if (keys.join('.') !== section) {
      section = keys.join('.');
      if (section !== '') lines.push(`# ${section}:`);
    }
    lines.push(`# ${indent}# ${setting.description} (${setting.expected}; ${setting.variable})`);
    lines.push(
      `# ${indent}${key}: ${setting.path === 'device.name' ? 'my-kiosk' : (JSON.stringify(setting.default) ?? '')}`.trimEnd(),
    );
  }
  return `${lines.join('\n')}\n`;
}
