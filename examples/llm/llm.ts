/* gateway-manifest {"hosts": ["api.mistral.ai"], "methods": ["POST"]} */

// Classifies a text with a language model. A model's words differ from call to call; one word of a short list, asked for without
// randomness, seldom does. Anything else is an error, so that a quorum never forms on prose.
//
// The key is a secret of each node's operator, bound to this host: the code names it and never sees it.

interface Input {
  text: string;
}

const LABELS = ['positive', 'negative', 'neutral'];

export function transform(response: GatewayTransformed): GatewayTransform {
  if (response.status !== 200) return { headers: {}, body: '' };
  const answer = response.json().choices[0].message.content;
  return { headers: {}, body: { answer: String(answer).trim().toLowerCase().replace(/[.!]$/, '') } };
}

export default async function ({ text }: Input): Promise<string> {
  if (typeof text !== 'string' || text.length > 4000) throw new TypeError('text takes at most 4000 characters');
  const response = await fetch('https://api.mistral.ai/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer {{secret:MISTRAL}}' },
    body: JSON.stringify({
      model: 'mistral-small-2506', temperature: 0, random_seed: 7, max_tokens: 4,
      messages: [
        { role: 'system', content: `Classify the text. Answer with exactly one of these words and nothing else: ${LABELS.join(', ')}.` },
        { role: 'user', content: text },
      ],
    }),
  });
  if (!response.ok) throw new gateway.HttpError(response.status, response.url);
  const { answer } = await response.json();
  if (!LABELS.includes(answer)) throw new Error(`the model answered ${JSON.stringify(answer)}`);
  return answer;
}
