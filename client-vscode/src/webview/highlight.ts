import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';

const LANGUAGES = {
  ...{ bash, c, css, diff, go, ini, java, javascript, json, python, ruby, rust, sql, typescript, xml, yaml },
};
/** Longer code is shown as it is. */
const MOST_CHARACTERS = 20_000;

for (const [name, language] of Object.entries(LANGUAGES)) {
  hljs.registerLanguage(name, language);
}

/** Code as HTML with its parts marked; undefined where the language is not known. */
export function highlighted(code: string, language: string): string | undefined {
  return hljs.getLanguage(language) === undefined || code.length > MOST_CHARACTERS
    ? undefined
    : hljs.highlight(code, { language, ignoreIllegals: true }).value;
}
