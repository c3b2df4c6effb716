import { fileVariableOf } from './secret-files.ts';
import { settings } from './settings.ts';

/** The reference of all settings, made from the schema. */
export function describeConfig(format: 'markdown' | 'yaml'): string {
  return format === 'markdown' ? asMarkdown() : asYaml();
}

function asMarkdown(): string {
  const rows = settings.map((setting) => {
    // The default is the host name of each device, not that of the machine that prints this reference.
    const fallback =
      setting.path === 'device.name'
        ? 'the host name'
        : setting.optional
          ? ''
          : `\`${JSON.stringify(setting.default)}\``;
    const variables = setting.secret ? [setting.variable, fileVariableOf(setting)] : [setting.variable];
    const environment = variables.map((variable) => `\`${variable}\``).join(' or ');
    const cells = [`\`${setting.path}\``, setting.expected, fallback, environment, setting.description];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| setting | value | default | environment | description |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

/** A mien.yaml with every setting commented out at its default. */
function asYaml(): string {
  const lines = [
    '# Configuration of Mien. Every setting is listed with its default. To change a setting, remove the "# " before it',
    '# and before the name of its section. The environment (MIEN_...) and flags override this file.',
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
