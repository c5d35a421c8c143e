"""Tables of encodings; written by tools/build_encodings.py, not by hand."""

#: Big5 of the Encoding Standard, where Python's big5hkscs has nothing: code, characters.
BIG5_ADDED = (
    "877a㡵𡵓𣚞𦀡㻬𥣞㫵竼龗𤅡𨤍𣇪𠪊𣉞䌊蒄龖鐯䤰蘓墖靊鈘秐稲晠権袝瑌篅枂稬剏遆㓦珄𥶹瓆鿇垳䤯呌䄱𣚎堘穲𧭥讏䚮𦺈䆁𥶙箮𢒼鿈𢓁𢓉𢓌鿉蔄𣖻䂴鿊䓡𪷿拁灮鿋"
    " 8e69箸 8e6f簆 8e7e糎 8eab緒 8eb4縝 8ecd者 8ed0耨 8f57菁 8f69蒨 8f6e萏 8fcb覦覩 8ffe起"
    " 906d都 907a銹 90dc靜 90f1響 91bf鼖 9244蔃 92af兙兛兝兞 92c8鍮 92d1瑹 9447浧 94ca禛"
    " 95d9邗 9644靝 96ed瀞 96fc嬨 9b76爁 9b78矗 9b7b纇 9bc6駖 9bde釔 9bec惞 9bf6澶 9c42輶"
    " 9c53侻 9c62營 9c68鄄 9c6b鷰 9c77菏 9cbc尐秣 9cd0婧 9d57輋 9d5a筑 9dc4拐 9ea9恢 9eef痹"
    " 9efd汊 9f60鬮 9f66鼗 9fcb僭 9fd8弌 a063蠏 a077拎 a0d5瑨 a0df煢 a0e4牐"
    " a3c0␀␁␂␃␄␅␆␇␈␉␊␋␌␍␎␏␐␑␒␓␔␕␖␗␘␙␚␛␜␝␞␟␡€ c6cf廴 c6d3无 c6d5癶 c6d7隶 c6de〃仝"
    " fa5f倩 fa66偽 fabd包 fac5卄 fad5卿 fb48嘅 fbb8婷 fbf3幵 fbf9廐 fc4f彘 fc6c悤 fcb9撐"
    " fce2晴 fcf1杞 fdb7沜渝 fdbb港 fdf1煮 fe52猪 fe6f瑜 feaa瓩 fedd砉"
)

#: The labels of the Encoding Standard, each encoding's own name first.
LABELS = {
    "utf-8": ("unicode-1-1-utf-8 utf8 "),
    "ibm866": ("866 cp866 csibm866 "),
    "iso-8859-2": (
        "csisolatin2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2 "
    ),
    "iso-8859-3": (
        "csisolatin3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3 "
    ),
    "iso-8859-4": (
        "csisolatin4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4 "
    ),
    "iso-8859-5": (
        "csisolatincyrillic cyrillic iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988 "
    ),
    "iso-8859-6": (
        "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 "
        "iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 "
        "iso_8859-6:1987 "
    ),
    "iso-8859-7": (
        "csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126 iso8859-7 "
        "iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek "
    ),
    "iso-8859-8": (
        "csiso88598e csisolatinhebrew hebrew iso-8859-8-e iso-ir-138 iso8859-8 "
        "iso88598 iso_8859-8 iso_8859-8:1988 visual "
    ),
    "iso-8859-8-i": ("csiso88598i logical "),
    "iso-8859-10": ("csisolatin6 iso-ir-157 iso8859-10 iso885910 l6 latin6 "),
    "iso-8859-13": ("iso8859-13 iso885913 "),
    "iso-8859-14": ("iso8859-14 iso885914 "),
    "iso-8859-15": ("csisolatin9 iso8859-15 iso885915 iso_8859-15 l9 "),
    "iso-8859-16": (" "),
    "koi8-r": ("cskoi8r koi koi8 koi8_r "),
    "koi8-u": ("koi8-ru "),
    "macintosh": ("csmacintosh mac x-mac-roman "),
    "windows-874": ("dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 "),
    "windows-1250": ("cp1250 x-cp1250 "),
    "windows-1251": ("cp1251 x-cp1251 "),
    "windows-1252": (
        "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 "
        "iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 "
        "us-ascii x-cp1252 "
    ),
    "windows-1253": ("cp1253 x-cp1253 "),
    "windows-1254": (
        "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 "
        "iso_8859-9:1989 l5 latin5 x-cp1254 "
    ),
    "windows-1255": ("cp1255 x-cp1255 "),
    "windows-1256": ("cp1256 x-cp1256 "),
    "windows-1257": ("cp1257 x-cp1257 "),
    "windows-1258": ("cp1258 x-cp1258 "),
    "x-mac-cyrillic": ("x-mac-ukrainian "),
    "gbk": ("chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 iso-ir-58 x-gbk "),
    "gb18030": (" "),
    "big5": ("big5-hkscs cn-big5 csbig5 x-x-big5 "),
    "euc-jp": ("cseucpkdfmtjapanese x-euc-jp "),
    "iso-2022-jp": ("csiso2022jp "),
    "shift_jis": ("csshiftjis ms932 ms_kanji shift-jis sjis windows-31j x-sjis "),
    "euc-kr": (
        "cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 "
        "ksc5601 ksc_5601 windows-949 "
    ),
    "utf-16be": (" "),
    "utf-16le": ("utf-16 "),
}
