// Splits JavaScript into tokens for colouring. It need not be right about everything: wrong colours change no byte.

export interface Token {
  kind: 'comment' | 'string' | 'keyword' | 'number' | 'plain';
  text: string;
}

const PATTERN =
  /(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`)|\b(async|await|break|case|catch|class|const|continue|default|delete|do|else|export|extends|finally|for|function|if|import|in|instanceof|let|new|of|return|static|switch|this|throw|try|typeof|var|void|while|yield|true|false|null|undefined)\b|\b(\d[\d_.eE]*n?)\b/g;

/** The tokens of a source text, in order; together they are the text. */
export function highlight(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (const match of source.matchAll(PATTERN)) {
    if (match.index > at) tokens.push({ kind: 'plain', text: source.slice(at, match.index) });
    const kind = match[1] ? 'comment' : match[2] ? 'string' : match[3] ? 'keyword' : 'number';
    tokens.push({ kind, text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < source.length) tokens.push({ kind: 'plain', text: source.slice(at) });
  return tokens;
}
