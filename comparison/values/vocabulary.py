"""The words by which texts of English and German say numbers, units, negations and directions."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


def by_word(lines: str) -> dict[str, str]:
    """Return the first word of each line for every word in it."""
    return {word: line.split()[0] for line in lines.strip().splitlines() for word in line.split()}


NUMBER_WORDS = by_word("""
    0 zero null
    2 two zwei
    3 three drei
    4 four vier
    5 five fünf
    6 six sechs
    7 seven sieben
    8 eight acht
    9 nine neun
    10 ten zehn
    11 eleven elf
    12 twelve zwölf dozen
    13 thirteen
    14 fourteen
    15 fifteen
    16 sixteen
    17 seventeen
    18 eighteen
    19 nineteen
    20 twenty zwanzig
    30 thirty dreißig
    40 forty vierzig
    50 fifty fünfzig
    60 sixty sechzig
    70 seventy siebzig
    80 eighty achtzig
    90 ninety neunzig
    100 hundred hundert
    1000 thousand tausend
""")
"""Words that are numbers. "one" is not among them: it is a pronoun more often."""

MULTIPLES = word_set("half twice double doubled thrice triple tripled quarter halved first third last")
"""Words that say how many times, or which one."""

UNITS = by_word("""
    % percent pct prozent
    million millions mio m
    billion billions bn mrd
    trillion trillions tn
    k
    $ usd dollar dollars
    € eur euro euros
    £ gbp pound pounds
    ¥ jpy yen
    cent cents
    mm millimeter millimeters
    cm centimeter centimeters
    km kilometer kilometers kilometres
    meter meters metres
    mile miles
    mg
    g gram grams
    kg kilogram kilograms
    t ton tons tonnes
    ml
    l liter liters litres
    °c celsius
    °f fahrenheit
    ms millisecond milliseconds
    s sec second seconds
    min minute minutes
    h hour hours
    day days
    week weeks
    month months
    year years
    kb
    mb
    gb
    tb
    w watt watts
    kw kilowatt kilowatts
    mw
    kwh
    mwh
    hz
    khz
    mhz
    ghz
    px
    x times
""")
"""The one name of each unit."""

NEGATIONS = word_set("""
    not no never none nothing nobody neither nor without cannot hardly
    kein keine keinen keiner nicht nie niemals nichts niemand ohne weder
""")

UP = word_set("""
    grew grow grows growing growth grown rose rise rises rising risen increase increased increases increasing
    gain gained
    gains climbed climb up higher highest above more exceeded exceeds surged improved improve better best
    profit profits
    profitable won win yes true accept accepted approve approved allow allowed permitted success succeeded
    successful safe
    valid enabled positive always possible legal agree agreed buy open opened
    gestiegen wuchs gewachsen steigt höher mehr gewinn ja richtig
""")
DOWN = word_set("""
    fell fall falls falling fallen decline declined declines declining decrease decreased decreases decreasing
    drop dropped
    drops shrank shrunk shrink down lower lowest below less fewer worse worst worsened loss losses lost lose
    false reject
    rejected refuse refused deny denied forbid forbidden failure failed fail fails unsafe invalid disabled
    negative never
    impossible illegal disagree disagreed sell sold close closed
    gesunken sank gefallen fiel sinkt niedriger weniger verlust nein falsch
""")
"""Words of opposite directions. One wording may take another's place, but not its opposite's."""

OPENERS = word_set("""
    a an the this that these those it its he she they we you i in on at by for from to of with as if when
    while after
    before since because so but and or yet however there here all some many most each every both no not one
    two our your
    their his her my also then thus overall finally first second third last more less what which who how why
    der die das ein eine es sie wir ich in im auf bei für von mit als wenn
""")
"""Words that begin a sentence with a capital letter and are no names."""
