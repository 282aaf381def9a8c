import { describe, expect, it } from 'vitest';
import { kindsOf, readSurvey, repeat } from './survey-fixtures.ts';
import { parseSurveyTime } from './survey-time.ts';

const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');
const quoted = (cells: readonly string[], delimiter = ','): string => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter);

describe('the export of', () => {
  it('SurveyGizmo: options, rows of a grid, what is written in, and none of who and where', async () => {
    const header = quoted([
      'Response ID', 'Time Started', 'Date Submitted', 'Status', 'Contact ID', 'Referer', 'SessionID', 'User Agent', 'IP Address', 'Longitude', 'Latitude', 'Country Code', 'City', 'State/Region', 'Postal',
      'SQL:Which do you use?', 'R:Which do you use?', 'Other - Write In:Which do you use?',
      'Speed: how fast:How was it?', 'Ease:How was it?', 'How likely are you to recommend us? (0 - 10)', 'E-mail (optional):',
    ]);
    const rows = repeat(20, (n) => quoted([
      String(n), '2016-01-01 10:00:00', n % 4 ? `2016-01-01 10:0${n % 10}:00` : '', 'Complete', `c${n}`, 'https://a.example/?u=ann', 's', 'Mozilla', `203.0.113.${n}`, '8.54123', '47.37123', 'CH', 'Zürich', 'ZH', '8001',
      n % 2 ? 'SQL' : '', n % 3 ? 'R' : '', n % 7 ? '' : `Julia, version ${n}`, n % 2 ? 'Good' : 'Bad', 'Good', String(n % 11), n ? '' : 'ann@example.org',
    ]));
    const { declared, responses } = await readSurvey(`${header}\r\n${rows.replaceAll('\n', '\r\n')}\r\n`, { timeZone: 'America/Denver' }, 11);
    expect(kindsOf(declared)).toEqual([
      'MULTIPLE_CHOICE Which do you use?', 'TEXT Other - Write In:Which do you use?', 'GRID How was it? / Speed: how fast', 'GRID How was it? / Ease',
      'NPS How likely are you to recommend us? (0 - 10)',
    ]);
    expect(responses).toHaveLength(20);
    expect(responses.map(({ answeredAt }) => answeredAt).slice(0, 2)).toEqual(['2016-01-01T17:00:00.000Z', '2016-01-01T17:01:00.000Z']);
    expect(responses[1]).toMatchObject({ responseId: '1', about: { Status: 'Complete' }, answers: expect.arrayContaining([expect.objectContaining({ values: ['SQL', 'R'] })]) });
    expect(JSON.stringify(responses)).not.toMatch(/203\.0|8\.541|47\.371|Zürich|8001|Mozilla|"c1"|ann/);
  });

  it('SurveyMonkey: a question over its options, again in the same words, a grid, and a contact form', async () => {
    const header = [
      quoted(['respondent_id', 'collector_id', 'date_created', 'date_modified', 'ip_address', 'email_address', 'first_name', 'last_name', 'custom_1', 'What do you use?', '', '', 'What do you use?', '', 'How do we reach you?', '', '', 'How are you reached?', '', 'How likely is it that you would recommend us to a friend?']),
      quoted(['', '', '', '', '', '', '', '', '', 'SQL', 'R', 'Other (please specify)', 'SQL', 'R', 'Name', 'Email Address', 'Company', 'Email', 'Phone', 'Response']),
    ].join('\n');
    const rows = repeat(12, (n) => quoted([
      `${n}`, '9', '09/21/2020 2:42:00 PM', '09/21/2020 02:45:10 PM', '198.51.100.7', `p${n}@example.org`, 'Ann', 'Lee', 'badge 7', n % 2 ? 'SQL' : '', 'R', n ? '' : 'Go', 'SQL', n % 2 ? '' : 'R',
      'Ann Lee', `q${n}@example.org`, 'ACME', n % 2 ? 'Often' : 'Never', n % 3 ? 'Often' : 'Never', n === 0 ? '0 - Not at all likely' : n === 1 ? '10 - Extremely likely' : String(n % 11),
    ]));
    const { declared, responses } = await readSurvey(`${header}\n${rows}`);
    expect(kindsOf(declared)).toEqual([
      'MULTIPLE_CHOICE What do you use?', 'TEXT What do you use? - Other (please specify)', 'MULTIPLE_CHOICE What do you use?', 'SINGLE_CHOICE How do we reach you? - Company',
      'GRID How are you reached? / Email', 'GRID How are you reached? / Phone', 'NPS How likely is it that you would recommend us to a friend?',
    ]);
    expect(new Set(declared.questions.map(({ id }) => id)).size).toBe(declared.questions.length);
    expect(responses[1]).toMatchObject({ responseId: '1', answeredAt: '2020-09-21T14:45:10.000Z', answers: [{ values: ['SQL', 'R'] }, { values: ['SQL'] }, {}, {}, {}, {}] });
    expect(JSON.stringify(responses)).not.toMatch(/example\.org|198\.51|Ann|Lee|badge/);
  });

  it('SurveyMonkey without its wording: the options tell the question, not its number', async () => {
    const rows = repeat(6, (n) => `${n},${n % 2 ? 'SQL.' : ''},${n % 3 ? 'R.' : ''}`);
    const first = await readSurvey(`Respondent ID,3. SQL.,3. R.\n${rows}`);
    const moved = await readSurvey(`Respondent ID,4. SQL.,4. R.\n${rows}`);
    const other = await readSurvey(`Respondent ID,3. Cats.,3. Dogs.\n${rows.replaceAll('SQL', 'Cats').replaceAll('R.', 'Dogs.')}`);
    expect(first.declared.questions).toMatchObject([{ text: 'Question 3', unworded: true, options: ['SQL.', 'R.'] }]);
    expect(moved.declared.questions[0]?.id).toBe(first.declared.questions[0]?.id);
    expect(other.declared.questions[0]?.id).not.toBe(first.declared.questions[0]?.id);
  });

  it('Qualtrics: the zone of its times, choices with a text beside, lists, grids, and tabs in UTF-16', async () => {
    const head = [
      ['StartDate', 'EndDate', 'Status', 'IPAddress', 'ResponseId', 'RecipientLastName', 'LocationLatitude', 'Q1', 'Q1_3_TEXT', 'Q2', 'Q3_1', 'Q3_2', 'Q4_1', 'Q4_2', 'Q5'],
      ['Start Date', 'End Date', 'Response Type', 'IP Address', 'Response ID', 'Recipient Last Name', 'Location Latitude', 'Which one? - Selected Choice', 'Which one? - Other - Text', 'Which of them? - all', 'Rate it - Speed - now', 'Rate it - Ease - now', 'Tick - SQL', 'Tick - R', '<style>p{}</style><p>Any&#8217;thing<br/>else?</p>'],
      ['startDate', 'endDate', 'status', 'ipAddress', '_recordId', 'recipientLastName', 'locationLatitude', 'QID1', 'QID1_3_TEXT', 'QID2', 'QID3_1', 'QID3_2', 'QID4_1', 'QID4_2', 'QID5_TEXT'].map((id, place) => (place < 2 ? `{"ImportId":"${id}","timeZone":"America/Denver"}` : `{"ImportId":"${id}"}`)),
    ];
    const rows = Array.from({ length: 20 }, (_, n) => [
      '2020-01-01 10:00:00', '2020-01-01 10:05:00', '0', '192.0.2.55', `R_${n}`, 'Smithers', '47.11509', ['A', 'B', 'Other'][n % 3] ?? '', n % 3 === 2 ? `thing ${n}` : '', ['SQL', 'SQL,R', 'R', 'R,Go', 'Go', 'SQL,R,Go', 'SQL,Go'][n % 7] ?? '', n % 2 ? 'Good, really' : 'Bad', 'Bad', n % 2 ? '1' : '', '1', `line\n"two" ${n}`,
    ]);
    const text = [...head, ...rows].map((cells) => quoted(cells, '\t')).join('\r\n');
    const { declared, responses } = await readSurvey(utf16(text), {}, 13);
    expect(kindsOf(declared)).toEqual([
      'SINGLE_CHOICE Which one?', 'TEXT Which one? - Other - Text', 'MULTIPLE_CHOICE Which of them? - all', 'GRID Rate it / Speed - now', 'GRID Rate it / Ease - now', 'MULTIPLE_CHOICE Tick', 'TEXT Any’thing else?',
    ]);
    expect(responses).toHaveLength(20);
    expect(responses[1]?.answeredAt).toBe('2020-01-01T17:05:00.000Z');
    expect(responses[1]?.answers.map(({ value, values }) => values ?? value)).toEqual(['B', ['SQL', 'R'], 'Good, really', 'Bad', ['SQL', 'R'], 'line\n"two" 1']);
    expect(JSON.stringify(responses)).not.toMatch(/192\.0|Smithers|47\.115/);
  });

  it('Qualtrics with its third row cut, and with two header rows of the legacy form', async () => {
    const cut = await readSurvey('StartDate,EndDate,ResponseId,RecipientEmail,Q1\nAnfangsdatum,Enddatum,Antwort-ID,E-Mail des Empfängers,Was fehlt?\n2020-01-01 10:00:00,2020-01-01 10:05:00,R_1,a@example.org,x\n');
    expect(kindsOf(cut.declared)).toEqual(['TEXT Was fehlt?']);
    expect(cut.responses).toMatchObject([{ responseId: 'R_1', answeredAt: '2020-01-01T10:05:00.000Z' }]);
    const legacy = await readSurvey('V1,V2,V8,Q1_1,Q1_2\nResponseID,Name,EndDate,Tick-SQL,What do you use? - R\nR_1,Ann,2020-01-01 10:05:00,x,y\n');
    expect(legacy.responses).toMatchObject([{ responseId: 'R_1', answeredAt: '2020-01-01T10:05:00.000Z' }]);
    expect(JSON.stringify(legacy.responses)).not.toContain('Ann');
  });

  it('Google Forms: lists by comma, checkboxes in a grid, a question twice, another language, and quotes that spreadsheets leave', async () => {
    const header = quoted(['Zeitstempel', 'E-Mail-Adresse', 'Was nutzt du?', 'Wann? [SQL]', 'Wann? [R]', 'Warum?', 'Warum?']);
    const lists = ['SQL', 'SQL, R', 'R', 'R, Go (the language, not the game)', 'Go (the language, not the game)', 'SQL, R, Go (the language, not the game)'];
    const rows = repeat(30, (n) => `${quoted([`29.01.2020 15:02:${10 + n}`, `x${n}@example.org`, lists[n % 6] ?? '', n % 2 ? 'früh;spät' : n % 4 ? 'früh' : 'spät', 'früh'])},so "quoted" ${n},b ${n}`);
    const { declared, responses, rejected } = await readSurvey(`\uFEFF${header}\r\n${rows}`, { timeZone: 'Europe/Berlin' });
    expect(rejected).toEqual([]);
    expect(kindsOf(declared)).toEqual(['MULTIPLE_CHOICE Was nutzt du?', 'MULTIPLE_CHOICE Wann? / SQL', 'GRID Wann? / R', 'TEXT Warum?', 'TEXT Warum?']);
    expect(responses[3]).toMatchObject({ answeredAt: '2020-01-29T14:02:13.000Z', answers: [{ values: ['R', 'Go (the language, not the game)'] }, { values: ['früh', 'spät'] }, {}, { value: 'so "quoted" 3' }, { value: 'b 3' }] });
    expect(JSON.stringify(responses)).not.toContain('example.org');
  });

  it('LimeSurvey, Typeform and Microsoft Forms: yes and no in a grid, options without a question, lists that end in a semicolon', async () => {
    const lime = await readSurvey(`"Response ID";"Date submitted";"Last page";"Date started";"IP address";"Tools [SQL]";"Tools [R]"\n${repeat(8, (n) => `"${n}";"${n ? '2020-01-01 10:00:00' : ''}";"2";"2020-01-01 09:00:00";"10.1.1.${n}";"${n % 2 ? 'Y' : 'N'}";"${n % 3 ? 'Y' : 'N'}"`)}`);
    expect(kindsOf(lime.declared)).toEqual(['MULTIPLE_CHOICE Tools']);
    expect(lime.responses.slice(0, 2)).toMatchObject([{ answeredAt: '2020-01-01T09:00:00.000Z', answers: [] }, { answeredAt: '2020-01-01T10:00:00.000Z', answers: [{ values: ['SQL', 'R'] }] }]);
    const type = await readSurvey(`#,SQL,R,Why?,Start Date (UTC),Submit Date (UTC),Network ID\n${repeat(8, (n) => `id${n},${n % 2 ? 'SQL' : ''},${n % 3 ? 'R' : ''},because ${n},2020-01-01 10:00:00,2020-01-01 10:05:00,net${n}`)}`);
    expect(type.declared.questions).toMatchObject([{ kind: 'MULTIPLE_CHOICE', unworded: true, options: ['SQL', 'R'] }, { text: 'Why?' }]);
    expect(type.responses[1]).toMatchObject({ responseId: 'id1', answeredAt: '2020-01-01T10:05:00.000Z' });
    expect(JSON.stringify(type.responses)).not.toContain('net1');
    const forms = await readSurvey(`sep=;\nID;Start time;Completion time;Email;Name;Tools\n${repeat(8, (n) => `${n};1/2/20 10:00:00;1/2/20 10:05:00;anonymous;Ann;"${n % 2 ? 'SQL;' : 'SQL;R;'}${n % 3 ? '' : 'Go;'}"`)}`);
    expect(forms.declared.questions).toMatchObject([{ kind: 'MULTIPLE_CHOICE', text: 'Tools' }]);
    expect(forms.responses[0]).toMatchObject({ responseId: '0', answeredAt: '2020-01-02T10:05:00.000Z', answers: [{ values: ['SQL', 'R', 'Go'] }] });
    expect(JSON.stringify(forms.responses)).not.toMatch(/Ann|anonymous/);
  });
});

describe('an export of any tool', () => {
  it('keeps a scale that its header states where a few answers are none, and makes none of a range that it does not state', async () => {
    const rows = repeat(20, (n) => `2020-01-01 10:00:${10 + n},${n ? `${1 + (n % 5)}${n % 5 === 4 ? ' - Very' : ''}` : 'N/A'},${1 + (n % 4)}.0`);
    const { declared } = await readSurvey(`Timestamp,How satisfied are you? (1-5),How easy is it?\n${rows}`);
    expect(declared.questions).toMatchObject([{ kind: 'SCALE', scale: { min: 1, max: 5 }, measures: 'satisfaction' }, { kind: 'SINGLE_CHOICE' }]);
  });

  it('is refused where its header is in no encoding that can be told, and loses only the rows that are', async () => {
    const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
    await expect(readSurvey(latin('Horodateur,Ça va ?\n2020-01-01 10:00:00,oui\n'))).rejects.toMatchObject({ code: 'FILE_WRONG_KIND' });
    const { responses, rejected } = await readSurvey(latin('Horodateur,Comment ?\n2020-01-01 10:00:00,bien\n2020-01-01 10:00:00,très bien\n2020-01-01 10:00:00,mal\n'));
    expect([responses.length, rejected]).toEqual([2, [{ line: 3, field: null }]]);
  });

  it('takes one that is longer than what is looked at first, with the options that come late', async () => {
    const rows = repeat(20_100, (n) => `2020-01-01 10:00:00,${n < 20_050 ? (n % 2 ? 'Yes' : 'No') : 'Maybe'},${n}`);
    const { declared, declarations, responses } = await readSurvey(`Timestamp,Well?,Why?\n${rows}`);
    expect(responses).toHaveLength(20_100);
    expect(declared.questions[0]?.options).toEqual(['No', 'Yes']);
    expect(declarations).toHaveLength(2);
    expect(declarations[1]?.questions.map(({ options }) => options)).toEqual([['No', 'Yes', 'Maybe'], undefined]);
  });

  it('drops what its columns and cells show to be people, keeps what only sounds so, and takes what a caller declares', async () => {
    const header = ['Timestamp', 'Full name', 'Prénom', 'Where do you sit?', 'May we send you an email?', 'If you like, leave your e-mail address', 'GPS', 'Which tool has the best name?', 'Staff number', 'Nickname'];
    const rows = repeat(9, (n) => quoted(['2020-01-01 10:00:00', `Ann ${n}`, 'Zoé', `desk${n}@corp.example`, n % 2 ? 'Yes' : 'No', n ? '' : 'call +41 44 000', `47.11${n}9, 8.51234`, 'git', `E-${n}`, `nick${n}`]));
    const { declared, responses } = await readSurvey(`${quoted(header)}\n${rows}`, { user: 'Staff number', people: '["Nickname"]' });
    expect(kindsOf(declared)).toEqual(['SINGLE_CHOICE May we send you an email?', 'SINGLE_CHOICE Which tool has the best name?']);
    expect(responses.map(({ user }) => user)).toEqual(Array.from({ length: 9 }, (_, n) => `E-${n}`));
    expect(JSON.stringify(responses)).not.toMatch(/Ann|Zoé|corp|\+41|47\.11|nick\d/);
    await expect(readSurvey(`${quoted(header)}\n${rows}`, { people: 'Nickname' })).rejects.toMatchObject({ code: 'FILE_BAD_PARAMETER' });
  });
});

describe('a time in a survey', () => {
  it('is read as each tool writes it', () => {
    const at = (text: string, zone = 'UTC', order: 'MDY' | 'DMY' = 'MDY'): string | null => {
      const ms = parseSurveyTime(text, zone, order);
      return ms === null ? null : new Date(ms).toISOString().slice(0, 19);
    };
    expect(at('2020/01/29 3:02:25 pm CET')).toBe('2020-01-29T14:02:25');
    expect(at('2020/01/29 3:02:25 p.\u00a0m. GMT-3')).toBe('2020-01-29T18:02:25');
    expect(at('2020/01/29 12:02:25\u202fAM UTC+5:30')).toBe('2020-01-28T18:32:25');
    expect(at('1/29/2020 15:02')).toBe('2020-01-29T15:02:00');
    expect(at('29/1/2020 15:02:01', 'UTC', 'DMY')).toBe('2020-01-29T15:02:01');
    expect(at('29.01.2020 15.02.01', 'Europe/Berlin')).toBe('2020-01-29T14:02:01');
    expect(at('Jan 29, 2020 3:02 PM')).toBe('2020-01-29T15:02:00');
    expect(at('29-Jan-20 15:02')).toBe('2020-01-29T15:02:00');
    expect(at('Wed, 29 January 2020 15:02:25 GMT')).toBe('2020-01-29T15:02:25');
    expect(at('2020-01-29T15:02:25.123+01:00')).toBe('2020-01-29T14:02:25');
    expect(at('2020-01-29 15:02 CST')).toBe('2020-01-29T21:02:00');
    expect(at('2020-01-29 15:02 CST', 'Asia/Shanghai')).toBe('2020-01-29T07:02:00');
    for (const wrong of ['', 'yesterday', '2020-02-30 10:00', '13/13/2020', '2020-01-29 25:00', '2020-01-29 10:00 Mars', 'Foo 29, 2020']) expect([wrong, at(wrong)]).toEqual([wrong, null]);
  });
});
