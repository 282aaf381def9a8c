/** A name in lower case, with letters of any script and digits alone. */
export const normalise = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Names of columns with the time of a response, the best first; the word of Google Forms in its other languages last. */
export const TIMES: readonly string[] = [
  'timestamp', 'datesubmitted', 'recordeddate', 'submittedat', 'submitdateutc', 'submitdate', 'submissiondate', 'completiontime',
  'completedat', 'datemodified', 'enddate', 'enddateutc', 'endtime', 'datelastaction', 'answeredat', 'timestarted', 'datestarted',
  'datecreated', 'startdate', 'startdateutc', 'starttime', 'createdat', 'datestamp', 'lastmodifiedtime', 'stagedateutc',
  'zeitstempel', 'horodateur', 'marcatemporal', 'carimbodedatahora', 'informazionicronologiche', 'tijdstempel', 'tidsstämpel',
  'tidsstempel', 'aikaleima', 'sygnaturaczasowa', 'časováznačka', 'zamandamgası', 'отметкавремени', 'タイムスタンプ', '时间戳记',
];

export const IDS: ReadonlySet<string> = new Set(['respondentid', 'responseid', 'submissionid', 'responsetoken', 'token', 'responseuuid']);

/** Columns that say something of the response and are no answers. */
export const ABOUT: ReadonlySet<string> = new Set([
  'status', 'finished', 'progress', 'durationinseconds', 'collectorid', 'collector', 'responseset', 'distributionchannel',
  'userlanguage', 'language', 'linkname', 'urlredirect', 'tags', 'extendedtags', 'responsetype', 'lastpage',
  'startlanguage', 'seed', 'stagedate', 'score', 'totalscore', 'legacycomments',
]);

/** What a second header row says over a column that holds the answer itself. */
export const OPEN_DETAILS: ReadonlySet<string> = new Set([
  '', 'response', 'openendedresponse', 'antwort', 'offenebeantwortung', 'offeneantwort', 'réponse', 'réponselibre',
  'respuesta', 'respuestaabierta', 'resposta', 'respostaaberta', 'risposta', 'antwoord',
]);

/** What a tool writes where an option of several is ticked, if not the option itself, and where it is not. */
const TICKED: ReadonlySet<string> = new Set(['1', 'x', 'y', 'true', 'checked', 'selected', 'on']);
const UNTICKED: ReadonlySet<string> = new Set(['0', 'n', 'false', 'unchecked', 'notselected', 'off']);

/** What a cell says of the option that its column stands for; null where it says something else. */
export function tickIn(cell: string, option: string): 'TICKED' | 'UNTICKED' | 'BLANK' | null {
  if (cell.trim() === '') return 'BLANK';
  const plain = normalise(cell);
  if (/^[✓✔☑✗✘]$/u.test(cell.trim()) || TICKED.has(plain) || plain === normalise(option)) return 'TICKED';
  return UNTICKED.has(plain) ? 'UNTICKED' : null;
}
