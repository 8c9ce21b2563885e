'use strict';
// Looks up the path of a typed address in the data of the page, and shows it in the picture.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const form = document.getElementById('ask');
  const from = document.getElementById('from');
  const to = document.getElementById('to');
  const answer = document.getElementById('answer');
  let shown = { ways: [], at: 0 };

  // Text gets into the page as text alone; what stands between backticks is code.
  const element = (name, text) => {
    const made = document.createElement(name);
    String(text).split(/(`+)([^`](?:.*?[^`])?)\1(?!`)/).forEach((part, at, all) => {
      if (at % 3 === 0) made.append(part);
      if (at % 3 === 2) {
        const code = document.createElement('code');
        code.textContent = part;
        made.append(code);
      }
    });
    return made;
  };

  // An address as mailtopo compares it: lower case, names of other scripts as DNS has them.
  const read = (text) => {
    const address = text.trim().toLowerCase();
    const at = address.lastIndexOf('@');
    if (at < 1 || /[\s<>]/.test(address)) return null;
    let name;
    try {
      name = new URL(`http://${address.slice(at + 1)}/`).hostname;
    } catch {
      return null;
    }
    if (!name.includes('.') || name !== name.replace(/[^a-z0-9._-]/g, '')) return null;
    return { local: address.slice(0, at), name };
  };

  // The address itself, else without an extension that its location knows, else whatever its name gets.
  const own = (map, key) => (Object.hasOwn(map, key) ? map[key] : undefined);
  const lookUp = ({ local, name }) => {
    const found = own(data.addresses, `${local}@${name}`);
    if (found) return found[0];
    for (let cut = 1; cut < local.length; cut += 1) {
      const plain = own(data.addresses, `${local.slice(0, cut)}@${name}`);
      const extended = plain && own(plain[1], local[cut]);
      if (extended !== undefined) return extended;
    }
    const exact = own(data.names, name);
    if (exact !== undefined) return exact;
    for (let above = name; above.includes('.');) {
      above = above.slice(above.indexOf('.') + 1);
      // More than one label below: documents leave open what some wildcards mean there.
      const deep = name.split('.').length - above.split('.').length > 1;
      const below = (deep ? own(data.names, `*.*.${above}`) : undefined) ?? own(data.names, `*.${above}`);
      if (below !== undefined) return below;
    }
    return own(data.names, '*');
  };

  const boxOf = (party) => data.boxes.findIndex((box) => box.parties.includes(party) || (party === 'internet' && box.label === 'Internet'));

  // The boxes and arrows of a way stand out, everything else steps back.
  const light = (hops, arrows = [], boxes = []) => {
    for (const lit of document.querySelectorAll('#picture .lit')) lit.classList.remove('lit');
    const mark = (name) => document.getElementById(name)?.classList.add('lit');
    for (const [at, next] of hops) {
      const ends = [boxOf(at), boxOf(next)];
      ends.filter((box) => box >= 0).forEach((box) => mark(`box-${box}`));
      data.arrows.forEach((arrow, number) => {
        if (arrow[0] === ends[0] && arrow[1] === ends[1]) mark(`arrow-${number}`);
      });
    }
    boxes.forEach((box) => mark(`box-${box}`));
    arrows.forEach((number) => {
      mark(`arrow-${number}`);
      data.arrows[number].forEach((box) => mark(`box-${box}`));
    });
    document.getElementById('picture').classList.toggle('traced', hops.length + arrows.length + boxes.length > 0);
  };

  const clear = () => {
    shown = { ways: [], at: 0 };
    answer.hidden = true;
    answer.replaceChildren();
    for (const id of ['domain', 'location', 'finding']) document.getElementById(id).selectedIndex = 0;
    light([]);
  };

  const show = (focus) => {
    const { ways, at, typed, cut } = shown;
    const say = (text) => String(text).replaceAll('\ue000', typed.name).replaceAll('\ue001', `${typed.local}@${typed.name}`);
    const way = ways[at];
    const list = document.createElement('ol');
    const hops = way.hops.map((number) => data.hops[number]);
    for (const [here, next, by, tls, why] of hops) {
      list.append(element('li', `\`${here}\` to \`${next}\` by \`${say(by)}\`${tls ? `, TLS ${tls}` : ''}: ${say(why)}`));
    }
    const head = element('h2', `Path ${at + 1} of ${ways.length}${cut ? ' and more' : ''}`);
    const sure = way.certainty === 'certain' ? '' : ` (${way.certainty})`;
    const parts = [head, element('p', `It ends: \`${say(way.ends)}\`${sure}. ${say(way.why)}`)];
    if (hops.length > 0) parts.push(list);
    for (const text of way.assuming) parts.push(element('p', `Assumed: ${say(text)}`));
    for (const text of way.readings) parts.push(element('p', `Where documents disagree: ${text}`));
    if (ways.length > 1) {
      const steps = document.createElement('p');
      [['Path before', -1], ['Next path', 1]].forEach(([text, step]) => {
        const button = element('button', text);
        button.type = 'button';
        button.disabled = at + step < 0 || at + step >= ways.length;
        button.addEventListener('click', () => { shown.at += step; show(text); });
        steps.append(button, ' ');
      });
      parts.push(steps);
    }
    answer.replaceChildren(...parts);
    answer.hidden = false;
    light(hops);
    // The button that was pressed keeps the keyboard, or the other one where there is no further path.
    if (focus) {
      const buttons = [...answer.querySelectorAll('button')];
      (buttons.find((button) => button.textContent === focus && !button.disabled) ?? buttons.find((button) => !button.disabled))?.focus();
    }
  };

  const say = (text) => {
    answer.replaceChildren(element('p', text));
    answer.hidden = false;
    light([]);
  };

  const ask = () => {
    const typed = read(to.value);
    if (!typed) return say('Type an address, such as `someone@example.net`.');
    const found = lookUp(typed);
    const result = found === undefined ? undefined : data.results[data.answers[found][from.selectedIndex]];
    if (!result || result.ways.length === 0) return say('There is no path: nobody can send it.');
    shown = { ways: result.ways.map((number) => data.ways[number]), at: 0, typed, cut: result.cut };
    return show();
  };

  const fill = (list, names) => {
    for (const name of names) {
      const option = document.createElement('option');
      option.textContent = name;
      list.append(option);
    }
  };
  fill(from, data.senders);

  // What a list chooses stands out: the paths to a name from every sender, what touches a location, where a finding is.
  const hopsTo = (name) => {
    const results = data.answers[data.names[name]].map((result) => data.results[result]);
    const ways = new Set(results.flatMap((result) => result.ways));
    return [...ways].flatMap((way) => data.ways[way].hops).map((hop) => data.hops[hop]);
  };
  const chosen = {
    domain: (name) => light(hopsTo(name)),
    location: (name) => {
      const box = boxOf(name);
      const touching = data.arrows.map((_, number) => number).filter((number) => data.arrows[number].includes(box));
      light([[name, name]], touching);
    },
    finding: (text, at) => {
      const drawn = (lists) => lists.flatMap((list, number) => (list.includes(at) ? [number] : []));
      const arrows = drawn(data.found_on);
      light([], arrows, drawn(data.found_at));
      const words = document.createElement('p');
      words.textContent = text;
      answer.replaceChildren(words);
      answer.hidden = false;
    },
  };
  const lists = [['domain', Object.keys(data.names).filter((name) => !name.startsWith('*.*.')).sort((one, other) => one.startsWith('*') - other.startsWith('*') || (one < other ? -1 : 1))], ['location', data.locations], ['finding', data.findings]];
  for (const [id, names] of lists) {
    const list = document.getElementById(id);
    fill(list, ['', ...names]);
    list.parentElement.hidden = names.length === 0;
    list.addEventListener('change', () => {
      const at = list.selectedIndex;
      clear();
      list.selectedIndex = at;
      if (at > 0) chosen[id](names[at - 1], at - 1);
    });
  }
  form.addEventListener('submit', (event) => { event.preventDefault(); clear(); ask(); });
  form.hidden = false;
  if (data.left_out > 0) form.after(element('p', `${data.left_out} senders are left out, because the page would be too large: of senders that are drawn in one box one is kept. \`mailtopo trace\` knows all.`));
  if (data.cut) form.after(element('p', 'Some listed addresses are left out, and shown as others of their name. `mailtopo trace` knows all.'));

  // Boxes take the keyboard: arrow keys follow the mail, Enter chooses the sender, Escape takes the path away.
  const next = (box, onward) => {
    const ways = data.arrows.filter((arrow) => arrow[onward ? 0 : 1] === box);
    return ways.length > 0 ? ways[0][onward ? 1 : 0] : -1;
  };
  const choose = (box) => {
    const known = data.boxes[box].parties.find((party) => data.senders.includes(party));
    if (known !== undefined) {
      from.value = known;
      to.focus();
    }
    const { parties } = data.boxes[box];
    if (parties.length > 1) say(`In this box: ${parties.slice(0, 40).map((party) => `\`${party}\``).join(', ')}${parties.length > 40 ? ` and ${parties.length - 40} more` : ''}.`);
  };
  data.boxes.forEach((box, number) => {
    const drawn = document.getElementById(`box-${number}`);
    if (!drawn) return;
    drawn.setAttribute('tabindex', '0');
    drawn.setAttribute('role', 'button');
    drawn.setAttribute('aria-label', box.label);
    drawn.addEventListener('click', () => choose(number));
    drawn.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); choose(number); }
      if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
        event.preventDefault();
        document.getElementById(`box-${next(number, event.key === 'ArrowRight')}`)?.focus();
      }
    });
  });
  document.querySelector('#picture svg').setAttribute('role', 'group');
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') clear(); });
})();
