/** Text in both languages of this market. */
export interface Bilingual {
  en: string;
  ar: string;
}

const both = (en: string, ar: string): Bilingual => ({ en, ar });

/**
 * Names that a supplier of this market really uses, with a fitting category of the same supplier. Some have no English.
 */
export const REAL_PRODUCTS: readonly { name: string; nameAr?: string; category: string; price: number }[] = [
  ...[
    'California Garden Egyptian beans, shrink wrap, 2 pieces, 400 grams, 15%',
    'California Garden Beans with Tahini Shrink 2 pieces 400 grams 15%',
    'California Garden Red Kidney Beans, 400g',
    'California Garden chickpeas - 400 Grams',
    'California Garden Plain Fave Bean Peeled With Chili, 400gm',
    'Americana Fava Beans with Oil, Lemon and Cumin ,shrink 2 pieces, 400 grams , 15%',
    'Americana Alexandrian Fava Beans with Tahini, shrink 2 pieces, 400 grams, 15%',
    'Al Tahya Fava Beans Plain 400 Gm',
    'Americana Fava Beans With Olive Oil & Chick Peas 400 Gm',
    'Americana Peeled Fava Beans With Oil & Tomato - 400 Gm',
    'Mushrooms Whole 400gm',
    'AMC White Beans 400g',
    'Al Tahya Mushroom slices 400g',
    'Mushrooms Whole 800gm',
    'Al Tahya Fava Beans with Cumin 400gm - Easy open',
    'Al Tahya Whole Kernel Corn 340 Gm',
    'Americana cooked peas, 400 gm',
    'California Garden Mashed fava beans 400g',
    'California Garden Hummus with tahini - 330 grams',
    'California Garden Fava Beans with Lebanese Recipe - 400 gm',
    'Americana Red Kidney Peas - 400 Gm',
  ].map((name) => ({ name, category: 'بقوليات وخضروات معلبة', price: 32 })),
  { name: 'Altahya Basmati Rice 2 kg', nameAr: 'التحية أرز بسمتي 2 كجم', category: 'ارز', price: 145 },
  { name: 'Al Tahya Basmatic rice 1KG', nameAr: 'التحية أرز بسمتي 1 كجم', category: 'ارز', price: 74 },
  { name: 'Americana Tuna Flakes in vegetable oil with brine 140 gm', category: 'بلوبيف ولحوم معلبة', price: 48 },
  { name: 'ماكسي الاصلي مشروب غازي بطعم الليمون النعناع - 400 مل', category: 'المياه المعدنية', price: 11 },
  { name: 'الخير ملح طعام 2 ج + 1 كيس هدية - 250 جم', category: 'توابل وعطارة', price: 9 },
  { name: 'لوكس صابون بشرة نضرة برائحة الورد - 165 جم', category: 'عناية بشرة', price: 27 },
  { name: 'اوكسي سائل تنظيف الاطباق برائحة اليوسفي - 2.5 لتر', category: 'أدوات نظافة', price: 92 },
  { name: 'ريفولي صابون يد مسك الروم والفانيليا - 110 جم', category: 'عناية بشرة', price: 16 },
  { name: 'اوكسي جل برائحة نسيم الشرق - 900 مل', category: 'مسحوق وصابون غسيل', price: 58 },
  { name: 'ريفولي صابون يد العود العربي - 110 جم', category: 'عناية بشرة', price: 16 },
  { name: 'شويبس مشروب شعير رمان - 1 لتر', category: 'المياه المعدنية', price: 24 },
];

/** A line of goods: names, prices and sizes from which a believable catalogue of any size is combined. */
export interface ProductLine {
  name: Bilingual;
  category: string;
  /** A usual price in EGP of the smallest size. */
  price: number;
  brands: readonly Bilingual[];
  /** From the smallest to the largest. */
  sizes: readonly Bilingual[];
}

const grams = (...sizes: number[]): Bilingual[] => sizes.map((size) => both(`${size} gm`, `${size} جم`));
const millilitres = (...sizes: number[]): Bilingual[] => sizes.map((size) => both(`${size} ml`, `${size} مل`));
const pieces = (...counts: number[]): Bilingual[] => counts.map((count) => both(`${count} pcs`, `${count} قطعة`));

const CANNED = [
  both('California Garden', 'كاليفورنيا جاردن'),
  both('Americana', 'أمريكانا'),
  both('Al Tahya', 'التحية'),
  both('AMC', 'ايه ام سي'),
];
const DAIRY = [both('Juhayna', 'جهينة'), both('Lamar', 'لمار'), both('Beyti', 'بيتي'), both('Domty', 'دومتي')];
const CLEANING = [both('Oxi', 'اوكسي'), both('Rivoli', 'ريفولي'), both('Lux', 'لوكس')];
const PANTRY = [
  both('El Doha', 'الضحى'),
  both('El Khair', 'الخير'),
  both('Al Tahya', 'التحية'),
  both('Harvest', 'هارفست'),
];
const SWEETS = [
  both('Corona', 'كورونا'),
  both('Covertina', 'كوفرتينا'),
  both('El Rashidi', 'الرشيدي'),
  both('El Bawadi', 'البوادي'),
];

export const PRODUCT_LINES: readonly ProductLine[] = [
  {
    name: both('Fava Beans with Tahini', 'فول مدمس بالطحينة'),
    category: 'بقوليات وخضروات معلبة',
    price: 28,
    brands: CANNED,
    sizes: grams(330, 400, 450),
  },
  {
    name: both('Chick Peas', 'حمص حب'),
    category: 'بقوليات وخضروات معلبة',
    price: 30,
    brands: CANNED,
    sizes: grams(240, 400, 800),
  },
  {
    name: both('Sweet Corn', 'ذرة حلوة'),
    category: 'بقوليات وخضروات معلبة',
    price: 38,
    brands: CANNED,
    sizes: grams(200, 340, 400),
  },
  {
    name: both('Tomato Paste', 'صلصة طماطم'),
    category: 'بقوليات وخضروات معلبة',
    price: 18,
    brands: PANTRY,
    sizes: grams(130, 300, 360),
  },
  {
    name: both('Luncheon Meat', 'لانشون'),
    category: 'لحوم باردة',
    price: 55,
    brands: CANNED,
    sizes: grams(200, 340, 800),
  },
  {
    name: both('Corned Beef', 'بلوبيف'),
    category: 'بلوبيف ولحوم معلبة',
    price: 79,
    brands: CANNED,
    sizes: grams(198, 340),
  },
  {
    name: both('Full Cream Milk', 'حليب كامل الدسم'),
    category: 'حليب',
    price: 13,
    brands: DAIRY,
    sizes: millilitres(200, 500, 1000),
  },
  {
    name: both('Skimmed Milk', 'حليب خالي الدسم'),
    category: 'حليب',
    price: 14,
    brands: DAIRY,
    sizes: millilitres(200, 500, 1000),
  },
  {
    name: both('Powdered Milk', 'حليب بودرة'),
    category: 'حليب بودرة ومكثف',
    price: 24,
    brands: DAIRY,
    sizes: grams(125, 400, 900),
  },
  {
    name: both('Feta Cheese', 'جبنة فيتا'),
    category: 'جبن',
    price: 19,
    brands: DAIRY,
    sizes: grams(125, 250, 500, 1000),
  },
  {
    name: both('Istanbolly Cheese', 'جبنة اسطنبولي'),
    category: 'جبن',
    price: 21,
    brands: DAIRY,
    sizes: grams(125, 250, 500),
  },
  {
    name: both('Mango Juice', 'عصير مانجو'),
    category: 'Juhayna Juices',
    price: 9,
    brands: DAIRY,
    sizes: millilitres(200, 235, 1000),
  },
  {
    name: both('Orange Juice', 'عصير برتقال'),
    category: 'Juhayna Juices',
    price: 9,
    brands: DAIRY,
    sizes: millilitres(200, 235, 1000),
  },
  {
    name: both('Mixed Fruit Yoghurt', 'زبادي فواكه'),
    category: 'Juhayna dairy',
    price: 8,
    brands: DAIRY,
    sizes: grams(105, 170),
  },
  {
    name: both('Egyptian Rice', 'ارز مصري'),
    category: 'ارز',
    price: 33,
    brands: PANTRY,
    sizes: grams(1000, 2000, 5000),
  },
  {
    name: both('Ground Cumin', 'كمون مطحون'),
    category: 'توابل وعطارة',
    price: 12,
    brands: PANTRY,
    sizes: grams(20, 40, 100),
  },
  {
    name: both('Table Salt', 'ملح طعام'),
    category: 'توابل وعطارة',
    price: 6,
    brands: PANTRY,
    sizes: grams(250, 500, 700),
  },
  { name: both('Clover Honey', 'عسل برسيم'), category: 'عسل', price: 65, brands: SWEETS, sizes: grams(250, 400, 800) },
  {
    name: both('Plain Halawa', 'حلاوة طحينية سادة'),
    category: 'حلاوة',
    price: 31,
    brands: SWEETS,
    sizes: grams(190, 370, 700),
  },
  {
    name: both('Milk Chocolate Bar', 'شيكولاتة بالحليب'),
    category: 'شيكولاتة',
    price: 15,
    brands: SWEETS,
    sizes: grams(25, 46, 90),
  },
  {
    name: both('Ketchup', 'كاتشب'),
    category: 'كاتشب',
    price: 17,
    brands: [both('Heinz', 'هاينز'), ...PANTRY],
    sizes: grams(180, 320, 490),
  },
  {
    name: both('Mayonnaise', 'مايونيز'),
    category: 'مايونيز',
    price: 22,
    brands: [both('Heinz', 'هاينز'), ...PANTRY],
    sizes: grams(155, 310, 610),
  },
  {
    name: both('Salted Potato Chips', 'شيبس بطاطس بالملح'),
    category: 'شيبس وسناكس',
    price: 5,
    brands: [both('Chipsy', 'شيبسي'), both('Tiger', 'تايجر')],
    sizes: grams(25, 65, 130),
  },
  {
    name: both('Oat Flakes', 'رقائق شوفان'),
    category: 'شوفان وجرانولا',
    price: 42,
    brands: PANTRY,
    sizes: grams(200, 400, 500),
  },
  { name: both('Dates', 'تمور'), category: 'تمور وبلح', price: 37, brands: SWEETS, sizes: grams(400, 700) },
  {
    name: both('Dishwashing Liquid', 'سائل تنظيف الاطباق'),
    category: 'أدوات نظافة',
    price: 29,
    brands: CLEANING,
    sizes: millilitres(475, 675, 2500),
  },
  {
    name: both('Automatic Gel', 'جل اوتوماتيك'),
    category: 'مسحوق وصابون غسيل',
    price: 58,
    brands: CLEANING,
    sizes: millilitres(900, 2000, 3000),
  },
  {
    name: both('Floor Freshener', 'معطر ارضيات'),
    category: 'معطرات جو وارضيات',
    price: 26,
    brands: CLEANING,
    sizes: millilitres(450, 700, 1000),
  },
  {
    name: both('Hand Soap', 'صابون يد'),
    category: 'عناية بشرة',
    price: 14,
    brands: CLEANING,
    sizes: grams(75, 110, 165),
  },
  {
    name: both('Hair Conditioner', 'بلسم شعر'),
    category: 'بلسم',
    price: 49,
    brands: CLEANING,
    sizes: millilitres(180, 360),
  },
  {
    name: both('Wet Wipes', 'مناديل مبللة'),
    category: 'مناديل مبللة',
    price: 19,
    brands: CLEANING,
    sizes: pieces(20, 72, 120),
  },
  {
    name: both('Baby Diapers', 'حفاضات اطفال'),
    category: 'حفاضات',
    price: 95,
    brands: [both('Molfix', 'مولفيكس'), both('Fine', 'فاين')],
    sizes: pieces(20, 40, 58),
  },
];

export const SERVICES: readonly Bilingual[] = [
  both('Delivery inside Cairo', 'توصيل داخل القاهرة'),
  both('Delivery to the governorates', 'توصيل محافظات'),
  both('Shelf display fee', 'رسوم عرض على الرف'),
];

/**
 * What the variants of one template differ in: a scent for what one cleans or washes with, a flavour for what one eats.
 */
export const SCENT = { name: 'الرائحة', values: ['لافندر', 'ليمون', 'ورد', 'ياسمين'] };
export const FLAVOUR = { name: 'الطعم', values: ['سادة', 'حار', 'بالليمون', 'بالكمون'] };
export const SCENTED_CATEGORIES: ReadonlySet<string> = new Set([
  'أدوات نظافة',
  'مسحوق وصابون غسيل',
  'معطرات جو وارضيات',
  'عناية بشرة',
  'بلسم',
  'مناديل مبللة',
]);

/** Shops, as their owners write them. Two different shops carry the first name: see the retailers' making. */
export const SHOP_NAMES: readonly string[] = [
  'سوبر ماركت النور',
  'بقالة الهدى',
  'ماركت البركة',
  'سوبر ماركت الرحمة',
  'بقالة أبو أحمد',
  'ميني ماركت المدينة',
  'سوبر ماركت خير زمان',
  'كشك عم سيد',
  'بقالة أولاد رجب',
  'ماركت الصفا والمروة',
  'سوبر ماركت العائلة',
  'مخازن التوحيد',
  'بقالة الأمانة',
  'ماركت السلام',
  'سوبر ماركت الفتح',
  'بقالة الإيمان',
  'ماركت الحرمين',
  'هايبر الشروق',
  'بقالة الحاج محمود',
  'سوبر ماركت زهرة الجيزة',
  'ماركت ٢٤ ساعة',
  'بقالة دمياط',
  'سوبر ماركت المنصورة',
  'ماركت طيبة',
];

export const ADDRESSES: readonly string[] = [
  '١٢ شارع فيصل، الجيزة',
  '45 شارع الهرم، أمام محطة مترو الجيزة، الجيزة',
  'شارع عباس العقاد، مدينة نصر، القاهرة',
  '٧ ميدان الحجاز، مصر الجديدة، القاهرة',
  'شارع جمال عبد الناصر، سيدي بشر، الإسكندرية',
  'شارع البحر، طنطا، الغربية',
  'حي الزهور، بورسعيد',
  'شارع الجمهورية، المنصورة، الدقهلية',
  'عزبة النخل الغربية، القاهرة',
  'شارع ١٥ مايو، شبرا الخيمة، القليوبية',
];

export const ADDRESS_NOTES: readonly string[] = [
  'بجوار المسجد',
  'الدور الأرضي - خلف البنك',
  'قبل الكوبري مباشرة',
  'اسأل على الحاج محمود',
];
export const ORDER_NOTES: readonly string[] = [
  'برجاء الاتصال قبل الوصول',
  'التوصيل قبل الساعة 12 ظهرا',
  'ممنوع استبدال أي صنف',
  'Please call before delivery',
  'عايز فاتورة "ضريبية"، ضروري',
];
export const LINE_COMMENTS: readonly string[] = ['تاريخ صلاحية حديث', 'نفس الطلب السابق', 'من غير بدائل'];
export const ROUTES: readonly string[] = ['GZ-01', 'GZ-02', 'CAI-N', 'CAI-E', 'ALX-3'];
