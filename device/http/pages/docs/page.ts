import { html, raw } from 'hono/html';
import type { OpenApiDocument } from '../../openapi.ts';
import { type JsonSchema, outlineOf, typeOf } from './outline.ts';

type Html = ReturnType<typeof html>;

/** The shown parts of an operation. */
interface Operation {
  readonly method: string;
  readonly path: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: JsonSchema;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema?: JsonSchema }>>;

const methods = ['get', 'post', 'put', 'patch', 'delete'];

/** The whole API on one page without scripts, so that it works in a text browser. */
export function docsPage(document: OpenApiDocument): Html {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = (item as Record<string, object | undefined>)[method];
      return operation ? [{ method, path, ...operation } as Operation] : [];
    }),
  );
  const schemas = Object.entries((document.components?.schemas ?? {}) as Readonly<Record<string, JsonSchema>>);
  const { title, version, description } = document.info;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} API</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="docs.css">
</head>
<body>
<header>
<h1>${title} API <span class="faint">${version}</span></h1>
<p>${description}</p>
<p>For programs: <a href="v1/openapi.json">openapi.json</a> (OpenAPI ${document.openapi})</p>
</header>
<main>
${(document.tags ?? []).map(
  (tag) =>
    html`<section><h2>${tag.name}</h2><p>${tag.description}</p>${operations
      .filter(({ tags }) => tags?.includes(tag.name))
      .map(describeOperation)}</section>`,
)}
<section><h2>Schemas</h2>${schemas.map(
    ([name, schema]) =>
      html`<details id="schema-${name}"><summary><code>${name}</code></summary><pre>${outlineOf(schema)}</pre></details>`,
  )}</section>
</main>
</body>
</html>`;
}

function describeOperation(operation: Operation): Html {
  const { method, path, summary, description, security = [], parameters = [], requestBody, responses } = operation;
  const isForViewers = security.some((each) => Object.keys(each).length === 0);
  return html`<details id="${method}${path.replaceAll(/\W/g, '-')}">
<summary><span class="method">${method.toUpperCase()}</span><code>${path}</code><span class="faint">${summary}</span></summary>
${description ? html`<p>${description}</p>` : ''}
<p class="faint">${isForViewers ? 'Role: viewer' : 'Role: operator'}</p>
${parameters.length > 0 ? parameterTable(parameters) : ''}
${requestBody ? html`<h3>Body</h3>${describeContent(requestBody.content)}` : ''}
<h3>Answers</h3>
${Object.entries(responses)
  .filter(([status]) => Number(status) < 400)
  .map(([status, answer]) => html`<p>${status}: ${answer.description}</p>${describeContent(answer.content ?? {})}`)}
<table><tbody>${Object.entries(responses)
    .filter(([status]) => Number(status) >= 400)
    .map(
      ([status, answer]) => html`<tr><th scope="row">${status}</th><td>${answer.description}</td></tr>`,
    )}</tbody></table>
</details>`;
}

function parameterTable(parameters: NonNullable<Operation['parameters']>): Html {
  return html`<h3>Parameters</h3><table>
<thead><tr><th>name</th><th>in</th><th>value</th><th>description</th></tr></thead>
<tbody>${parameters.map(
    ({
      name,
      in: place,
      required,
      schema,
      description,
    }) => html`<tr><td><code>${name}</code>${required ? ' (required)' : ''}</td><td>${place}</td>
<td>${typeOf(schema)}</td><td>${description ?? schema.description ?? ''}</td></tr>`,
  )}</tbody></table>`;
}

function describeContent(content: Content): Html[] {
  return Object.entries(content).map(([type, { schema }]) => {
    const name = schema?.$ref?.split('/').at(-1);
    const shape = name
      ? html`<a href="#schema-${name}"><code>${name}</code></a>`
      : schema?.properties
        ? html`<pre>${outlineOf(schema)}</pre>`
        : raw('');
    return html`<p><code>${type}</code> ${shape}</p>`;
  });
}
