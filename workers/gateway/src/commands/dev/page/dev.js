// Runs the editor's code on each change and shows what came of it. Speaks to its own server alone; text is never markup.
const at = (id) => document.getElementById(id);
let seen = '';
let saved = '';
let running = false;
let again = false;
let pause;

async function ask(path, body) {
  const options = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(path, options);
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error ?? answer.statusText);
  return value;
}

function rows(id, lines) {
  at(id).replaceChildren(...lines.map((cells) => {
    const row = document.createElement('tr');
    for (const cell of cells) row.appendChild(document.createElement('td')).textContent = String(cell ?? '');
    return row;
  }));
}

function show(result) {
  const good = result.agreed?.class === 'ok';
  at('summary').className = good ? 'good' : 'bad';
  at('summary').textContent = result.summary;
  rows('outcomes', result.nodes.map((node, i) => [i + 1, node.class, node.body]));
  rows('used', (result.nodes[0]?.used ?? []).map(([name, used, most]) => [name, used, `of ${most}`]));
  rows('fetches', result.fetches.map((f) => [f.method, f.url, f.status ?? f.failure, f.took_ms ? `${f.took_ms} ms` : '']));
  at('logs').textContent = result.logs.join('\n');
  at('status').textContent = `${result.size} bytes, sha256 ${result.sha256.slice(0, 12)}…`;
}

async function run() {
  // One attempt at a time: what changes meanwhile is tried afterwards.
  if (running) return void (again = true);
  running = true;
  at('status').textContent = 'running…';
  try {
    show(await ask('api/run', {
      code: at('code').value, input: at('input').value, nodes: Number(at('nodes').value),
      skew_ms: Number(at('skew').value), recording: at('recording').value || null,
    }));
  } catch (error) {
    at('summary').className = 'bad';
    at('summary').textContent = error.message;
    at('status').textContent = 'not run';
  }
  running = false;
  if (again) {
    again = false;
    run();
  }
}

function changed() {
  at('save').disabled = at('code').value === saved;
  clearTimeout(pause);
  if (at('live').checked) pause = setTimeout(run, 400);
}

async function save() {
  const code = at('code').value;
  try {
    seen = (await ask('api/save', { code, seen })).version;
    saved = code;
    at('status').textContent = 'saved';
  } catch (error) {
    at('status').textContent = error.message;
  }
  at('save').disabled = at('code').value === saved;
}

/** Takes over what another editor wrote, unless there are changes here. */
async function watch() {
  for (;;) {
    try {
      const change = await ask(`api/change?version=${seen}`);
      if (!change.changed) continue;
      const untouched = at('code').value === saved;
      if (change.version === seen) continue;
      seen = change.version;
      saved = change.code;
      if (untouched) {
        at('code').value = change.code;
        changed();
      } else {
        at('status').textContent = 'the file was changed elsewhere too; saving replaces it';
      }
    } catch {
      at('status').textContent = 'gateway dev has ended';
      return;
    }
  }
}

const state = await ask('api/state');
seen = state.version;
saved = state.code;
document.title = `${state.name} – gateway dev`;
at('name').textContent = state.name;
at('file').textContent = state.file;
at('code').value = state.code;
at('input').value = JSON.stringify(state.input, null, 2);
for (const name of state.recordings) at('recording').add(new Option(name, name));
if (state.recordings.length > 0) at('recording').selectedIndex = 1;
at('nodes').value = Math.min(Math.max(state.committee, 1), 11);
for (const id of ['code', 'input', 'nodes', 'skew', 'recording']) at(id).addEventListener('input', changed);
at('run').addEventListener('click', run);
at('save').addEventListener('click', save);
document.addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey)) return;
  if (event.key === 's') { event.preventDefault(); save(); }
  if (event.key === 'Enter') run();
});
run();
watch();
