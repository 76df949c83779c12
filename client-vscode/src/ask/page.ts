/** What the page of the view is made from. */
export interface PageParts {
  readonly script: string;
  readonly style: string;
  /** Where the page may load styles from. */
  readonly source: string;
  /** Lets our script run, and no other. */
  readonly nonce: string;
}

/** The page of the view: empty but for its script, which may load nothing and reach nobody. */
export function page({ script, style, source, nonce }: PageParts): string {
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${source}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inglenook</title>
<link rel="stylesheet" href="${style}">
</head>
<body>
<div id="view"></div>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
