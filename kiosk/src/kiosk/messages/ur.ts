import { formatNumber } from '../../language/format.ts';
import type { Messages } from './en.ts';

export const messages: Messages = {
  defaultTitle: 'Mien',
  notice: 'یہ اسکرین چہرے کے ظاہری تاثر کا اندازہ لگاتی ہے۔ نہ کوئی تصویر محفوظ ہوتی ہے، نہ اس آلے سے باہر جاتی ہے۔',
  privacy: 'رازداری',
  privacyScan: 'کیا محفوظ ہوتا ہے؟ فون سے اسکین کیجیے۔',
  claim: (address, code) => `اس آلے کو ترتیب دینے کے لیے \u2068${address}\u2069 کھولیں اور \u2068${code}\u2069 لکھیں۔`,

  apparentExpression: 'ظاہری تاثر',
  apparentExpressionIs: (expression) => `ظاہری تاثر: ${expression}`,
  unnamed: {
    small: 'براہِ کرم ذرا قریب آئیے۔',
    turned: 'براہِ کرم کیمرے کی طرف دیکھیے۔',
    dark: 'چہرے پر روشنی کم ہے۔',
    blurred: 'تصویر دھندلی ہے۔ ایک لمحہ بغیر ہلے رکیے۔',
    covered: 'چہرے کا کچھ حصہ چھپا ہوا ہے۔',
    ambiguous: 'ایک سے زیادہ تاثرات ممکن ہیں۔',
    unknown: 'اس وقت تاثر واضح نہیں۔',
  },
  people: (count) => (count === 1 ? 'ایک شخص سامنے ہے' : `${formatNumber(count)} افراد میں سب سے قریب`),
  more: (count) => `اور مزید ${formatNumber(count)} سامنے ہیں`,
  eachFace: 'تمام چہرے، بائیں سے دائیں',
  allExpressions: 'اس چہرے کے تمام تاثرات',
  livePicture: 'براہِ راست تصویر',
  nobody: 'سامنے کوئی نہیں',
  noReading: 'ابھی نتیجہ نہیں',
  noReadingHint: 'تصویر واپس آتے ہی جاری ہوگا۔',

  invitation: 'کیمرے کے سامنے آئیے',
  invitationHint: 'دیکھیے کہ آپ کے چہرے پر بظاہر کون سا تاثر ہے۔',
  theExpressions: 'تاثرات اور ان کے رنگ',

  lastHour: 'پچھلا گھنٹہ',
  today: 'آج',
  now: 'ابھی',
  lookedHappy: (share) => `${share} خوش نظر آئے`,
  mostly: (expression) => `زیادہ تر: ${expression}`,
  visits: (count) => `${formatNumber(count)} بار لوگ آئے`,
  seen: {
    hour: 'ہر منٹ میں لوگ کتنی دیر نظر آئے، ظاہری تاثر کے لحاظ سے',
    today: 'ہر گھنٹے میں لوگ کتنی دیر نظر آئے، ظاہری تاثر کے لحاظ سے',
  },
  fills: 'آہستہ آہستہ بھرے گا',

  connecting: { title: 'رابطہ ہو رہا ہے', hint: 'ذرا انتظار کیجیے۔' },
  loading: { title: 'آلہ لوڈ ہو رہا ہے', hint: 'سست آلے پر اس میں چند منٹ لگتے ہیں۔' },
  starting: { title: 'کیمرا شروع ہو رہا ہے', hint: 'ذرا انتظار کیجیے۔' },
  restarting: { title: 'شناخت دوبارہ شروع ہو رہی ہے', hint: 'اس میں چند سیکنڈ لگیں گے۔' },
  paused: { title: 'وقفہ', hint: 'کیمرا بند ہے۔ نہ کوئی نظر آتا ہے، نہ کچھ درج ہوتا ہے۔' },
  ended: { title: 'ریکارڈنگ ختم ہو گئی', hint: 'یہ صرف ایک بار چلتی ہے۔' },
  model: {
    'model-missing': { title: 'شناخت دستیاب نہیں', hint: 'ایک فائل موجود نہیں۔ براہِ کرم عملے کو بتائیے۔' },
    'model-invalid': { title: 'شناخت دستیاب نہیں', hint: 'ایک فائل خراب ہے۔ براہِ کرم عملے کو بتائیے۔' },
  },
  stale: 'تصویر رک گئی ہے',
  reconnecting: 'رابطہ ٹوٹ گیا',
  reconnectingHint: 'خود بخود دوبارہ رابطہ ہو رہا ہے۔',
  pictureAge: (duration) => `آخری تصویر ${duration} پرانی ہے۔`,

  status: 'حالت',
  camera: {
    'camera-missing': { title: 'کیمرا نہیں ہے', hint: 'کیمرا لگتے ہی تصویر واپس آ جائے گی۔' },
    'camera-busy': { title: 'کیمرا مصروف ہے', hint: 'کوئی اور پروگرام کیمرا استعمال کر رہا ہے۔' },
    'camera-stalled': { title: 'کیمرے سے تصویر نہیں آ رہی', hint: 'خود بخود دوبارہ رابطہ ہو رہا ہے۔' },
    'camera-unreadable': { title: 'کیمرے سے تصویر نہیں آ رہی', hint: 'براہِ کرم عملے کو بتائیے۔' },
    unknown: { title: 'کیمرے سے تصویر نہیں آ رہی', hint: 'خود بخود دوبارہ رابطہ ہو رہا ہے۔' },
  },
  store: {
    'disk-full': 'اس وقت آمد درج نہیں ہو رہی: جگہ بھر گئی ہے۔',
    'store-unwritable': 'اس وقت آمد درج نہیں ہو رہی۔',
    'store-damaged': 'آمد کا ریکارڈ خراب ہے۔ براہِ کرم عملے کو بتائیے۔',
    'store-newer': 'آمد درج نہیں ہو رہی: ریکارڈ کسی نئے ورژن کا ہے۔',
    'store-salvaging': 'پرانا ریکارڈ بحال کیا جا رہا ہے۔',
    unknown: 'اس وقت آمد درج نہیں ہو رہی۔',
  },
  governor: {
    hot: 'آلہ ٹھنڈا ہونے تک شناخت سست رہے گی۔',
    undervoltage: 'شناخت سست ہے: آلے کو بجلی کم مل رہی ہے۔',
    throttled: 'آلے کو بچانے کے لیے شناخت سست ہے۔',
    unknown: 'آلے کو بچانے کے لیے شناخت سست ہے۔',
  },
  mqtt: {
    'broker-unreachable': 'نتائج بعد میں بھیجے جائیں گے: سرور سے رابطہ نہیں۔',
    'broker-refused': 'نتائج بعد میں بھیجے جائیں گے: سرور نے رسائی نہیں دی۔',
    'broker-untrusted': 'نتائج بعد میں بھیجے جائیں گے: سرور قابلِ اعتماد نہیں۔',
    unknown: 'نتائج بعد میں بھیجے جائیں گے: سرور سے رابطہ نہیں۔',
  },
  vision: {
    'detector-fallback': 'اس وقت ایک طرف مڑے چہرے نہیں پہچانے جاتے۔',
    unknown: 'شناخت اس وقت محدود ہے۔',
  },
};
