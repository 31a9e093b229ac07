/* gateway-manifest {"hosts": ["www.thesportsdb.com"]} */

// The final score of a match, by its number at thesportsdb.com. A match that is not over is an agreed error, not a guess.

interface Input {
  /** Number of the event. */
  event: number;
}

interface Score {
  home: string;
  away: string;
  home_score: number;
  away_score: number;
  winner: 'home' | 'away' | 'draw';
}

export default async function ({ event }: Input): Promise<Score> {
  if (!Number.isSafeInteger(event)) throw new TypeError('event takes a number');
  const { events } = await gateway.fetchJson(`https://www.thesportsdb.com/api/v1/json/123/lookupevent.php?id=${event}`);
  const match = events?.[0];
  if (!match) throw new Error(`there is no event ${event}`);
  if (match.strStatus !== 'Match Finished' && match.strStatus !== 'FT') throw new Error(`the match is not over: ${match.strStatus}`);
  const [home, away] = [Number(match.intHomeScore), Number(match.intAwayScore)];
  return {
    home: match.strHomeTeam, away: match.strAwayTeam, home_score: home, away_score: away,
    winner: home > away ? 'home' : home < away ? 'away' : 'draw',
  };
}
