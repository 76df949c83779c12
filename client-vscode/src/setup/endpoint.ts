/** Why a text is not the base URL of an endpoint; undefined where it is one. */
export function endpointProblem(text: string): string | undefined {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    return 'A URL is needed, such as http://127.0.0.1:8080/v1.';
  }
  return url.username === '' && url.password === ''
    ? undefined
    : 'A key does not belong here: name the variable that holds it in the setting inglenook.model.endpointKeyVariable.';
}
