import { isPersonalField } from '../kit/ingest/personal.ts';
import { normalise, tickIn } from './survey-names.ts';
import { cellsAt, type SurveyColumn, type SurveyTable } from './survey-table.ts';

/**
 * What survey tools and forms head a column with that holds a person, an address or a place, beside what is declared for
 * all events: the tools' own columns, and the fields of a contact, in the languages that the tools speak.
 */
const PERSONAL: readonly RegExp[] = [
  /^(?:your|my|full|contact|legal|preferred|recipient|customer|panelist)?names?$|^(?:sur|fore)name$|^nameoptional$/,
  /^(?:vorname|nachname|familienname|benutzername|nutzername|nom|prenom|prénom|nomdefamille|nomdutilisateur|nombre|apellidos?|nombredeusuario|nome|sobrenome|cognome|nomeutente|naam|voornaam|achternaam|imię|nazwisko|имя|фамилия|氏名|名前|姓名)$/,
  /^(?:your|work|personal|contact)?e?mail(?:address)?$|^(?:email|mail)(?:adresse?|adres|addr)$|^adresse(?:e|de)?(?:mail|messagerie|courriel)$|^courriel$|^(?:dirección|endereço|indirizzo)(?:de|di)?(?:correo(?:electrónico)?|email)$|^correo(?:electrónico)?$|^adresemail$|^(?:メールアドレス|电子邮件地址|邮箱|адресэлектроннойпочты)$/,
  /^(?:locationaccuracy|lat|lng|lon|long|location|countrycode|city|citytown|town|ort|plz|ville|codepostal|ciudad|códigopostal|stateregion|stateprovince|state|postal|zippostalcode|zip|postleitzahl)$/,
  /^(?:breitengrad|längengrad|latitud|longitud|latitudine|longitudine).*$/,
  /^(?:address|address[12]|addressline[12]|straße|strasse|street|adresse|anschrift|dirección|endereço|indirizzo|adres)$/,
  /^(?:phone|telephone|mobile|cell|fax|tel|telefon|telefonnummer|handynummer|téléphone|teléfono|telefone|telefono|telefoon)(?:no|number|numbers)?$/,
  /^ip(?:adresse|adres)?$|^adresseip$|^direcciónip$|^(?:q)?ipaddress$/,
  /^external(?:data)?reference$|^(?:useragent|httpuseragent|browserfingerprint)$|^(?:extended)?referr?er(?:url)?$|^customdata\d*$|^custom\d+$/,
  /^(?:sessionid|networkid|contactid|visitorid|deviceid|workerid|mturkid|prolificpid|prolificid|panelid|memberid|cookie)$/,
  /^(?:twitter|github|linkedin|skype|slack|discord|mastodon|instagram|telegram)(?:handle|name|id|user|username|profile|url|account)?$/,
];

/** A question that asks who answers, or how to reach them. */
const ASKS_WHO = [
  /\b(?:your|contact|an?) (?:work |personal |preferred |best )?(?:e-?mail|phone|telephone|mobile|home|postal)(?: (?:address|number|id))?\b/i,
  /\b(?:e-?mail|ip|postal|mailing|home|street) address\b|\b(?:phone|telephone|mobile) number\b|\bcontact (?:details|info(?:rmation)?)\b/i,
  /\byour (?:full |first |last |given |family |sur|user|nick)?name\b|\bfirst (?:and|&) last name\b/i,
  /\byour (?:twitter|github|linkedin|slack|discord|mastodon|social media) (?:handle|name|account|profile|url|user ?name)\b/i,
  /\b(?:ihre|deine) (?:e-?mail|telefon)|\b(?:ihr|dein) (?:vor|nach)?name\b|\bvotre (?:e-?mail|adresse|nom|prénom)\b|\b(?:tu|su) (?:correo|nombre|e-?mail)\b/i,
];

const ADDRESS = /^(?:mailto:)?[\w.+'-]+@[\w-]+(?:\.[\w-]+)+$|^\d{1,3}(?:\.\d{1,3}){3}$|^(?:[\da-f]{1,4}:){7}[\da-f]{1,4}$|^(?:[\da-f]{1,4}:){1,6}:(?:[\da-f]{1,4}(?::[\da-f]{1,4})*)?$/i;
const COORDINATES = /^\(?-?\d{1,3}\.\d{3,}[,;]\s*-?\d{1,3}\.\d{3,}\)?$/;
const PHONE = /^\+\d[\d\s().-]{7,18}\d$|^\(\d{3}\)\s?\d{3}[-\s]\d{4}$/;
/** A column in which so many cells are addresses is one of addresses; a single one is replaced where it stands. */
const ADDRESSES = 0.2;
/** So few different answers, given so often, are options, and name nobody. */
const FEW = 12;
const OFTEN = 3;

/** A header of more words is a sentence. */
const LONGEST_NAME = 4;

const isName = (text: string): boolean => {
  const bare = text.replace(/\((?:optional|if .*)\)|\*|:$/gi, '').trim();
  const name = normalise(bare);
  // Names of fields are declared by their ends, which a whole question may have too.
  return (isPersonalField(bare) && !bare.includes('?') && bare.split(/\s+/).length <= LONGEST_NAME) || (name !== '' && PERSONAL.some((rule) => rule.test(name)));
};

/** Whether a column holds people, by what heads it and by its cells. */
export function isPersonal(column: SurveyColumn, place: number, table: SurveyTable): boolean {
  if (holdsAddresses(table, place)) return true;
  if (column.detail === null || column.detail === '') {
    return isName(column.text) || (ASKS_WHO.some((wording) => wording.test(column.text)) && !holdsOptions(table, place));
  }
  if (isName(column.text) && normalise(column.detail).startsWith('openended')) return true;
  // Under a question, `Email` may be what is to be filled in, or one of the options or rows.
  const asks = isName(column.detail) || ASKS_WHO.some((wording) => wording.test(`${column.text} ${column.detail}`));
  return asks && !holdsOptions(table, place);
}

function holdsAddresses(table: SurveyTable, place: number): boolean {
  const cells = cellsAt(table, place);
  const addresses = cells.filter((cell) => ADDRESS.test(cell) || COORDINATES.test(cell) || PHONE.test(cell)).length;
  return addresses > 0 && addresses >= ADDRESSES * cells.length;
}

function holdsOptions(table: SurveyTable, place: number): boolean {
  const cells = cellsAt(table, place);
  const different = new Set(cells);
  // One answer alone is an option where it is its own column's, which is then ticked.
  const { text = '', detail = null } = table.columns[place] ?? {};
  if (different.size === 1) return cells.every((cell) => tickIn(cell, detail ?? text) !== null);
  return different.size > 0 && different.size <= FEW && cells.length >= OFTEN * different.size;
}
