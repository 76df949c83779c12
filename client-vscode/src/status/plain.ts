/**
 * A text that VS Code shows as it is. Its notifications and its language status make a link of `[words](command:…)`,
 * and a click runs that command; a file of a repository may be named so.
 */
export function plain(text: string): string {
  return text.replaceAll('](', ']\u200B('); // a space of no width, where the link would be joined
}
