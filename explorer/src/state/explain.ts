// Why a request waits and what happens next, by the chain alone: where there is a relay, it knows more. Pure.

import type { Request } from '../chain/types';
import { seconds } from './format';

/** What an open request waits for at a height. */
export function explain(request: Request, height: number, blockSeconds: number): string {
  if (height > request.deadline)
    return `Its deadline, block ${request.deadline}, has passed: anybody may expire it, and then the fee is returned.`;
  const left = Math.max(0, request.deadline - height);
  const end = `If nobody publishes a quorum by block ${request.deadline} (in ${left} blocks, ${seconds(left * blockSeconds)}), it expires and the fee is returned.`;
  if (request.status === 'waiting')
    return `It waits for the next round: the first one opened above block ${request.height} draws its committee. A keeper opens it. ${end}`;
  const draw = request.draw;
  const next = draw && draw.attempt < 2 ? draw.height + (draw.attempt + 1) * draw.attempt_blocks : undefined;
  const more = next !== undefined && next > height ? `At block ${next} the next attempt doubles the committee. ` : '';
  return `Its committee runs the code and attests. ${more}${end}`;
}
