// How Africa's Talking reports on calls and is told what to say. Nothing here is signed by them:
// whether a report is theirs is decided before it gets here.
import { type CallReport, type Instruction, VoiceDialect } from '../voice-dialect.js';
import { rejectXml, sayXml, XML_CONTENT_TYPE } from './answer-xml.js';
import { readCallReport } from './call-report.js';

export interface AfricasTalkingVoices {
  /** Africa's Talking's name of a voice per locale or language, e.g. { 'sw': 'sw-KE-Standard-A' }. */
  readonly byLocale: Readonly<Record<string, string>>;
  /** Null: the account's default. */
  readonly otherwise: string | null;
}

export class AfricasTalkingDialect extends VoiceDialect {
  private readonly voices: ReadonlyMap<string, string>;

  constructor(private readonly settings: AfricasTalkingVoices = { byLocale: {}, otherwise: null }) {
    super();
    this.voices = new Map(
      Object.entries(settings.byLocale).map(([locale, voice]) => [locale.toLowerCase(), voice]),
    );
  }

  override readReport(body: unknown): CallReport {
    return readCallReport(body);
  }

  override speak(text: string, locale: string | null): Instruction {
    return { contentType: XML_CONTENT_TYPE, body: sayXml(text, this.voiceFor(locale)) };
  }

  override hangUp(): Instruction {
    return { contentType: XML_CONTENT_TYPE, body: rejectXml() };
  }

  /** RFC 4647 §3.4 lookup: sw-KE, then sw, then the default. */
  private voiceFor(locale: string | null): string | null {
    let range = (locale ?? '').toLowerCase();
    while (range !== '') {
      const voice = this.voices.get(range);
      if (voice !== undefined) return voice;
      range = range.slice(0, Math.max(0, range.lastIndexOf('-')));
    }
    return this.settings.otherwise;
  }
}
