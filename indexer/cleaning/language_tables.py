"""The words by which a news page gives its parts away: one table a language.

English is complete; the others hold what is certain. To teach the cleaner a language, add a table here; no
other module knows any word. A page's language is unknown until it is clean, so all tables apply to all pages: `words`
reads them as one.

Phrases are written folded (see `words.fold`) and parted by semicolons. A phrase stands for a whole line; with a
trailing "*" it stands for the opening words of a line.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language's words.

    months     the twelve months, each in all its spellings (parted by spaces; "_" stands for a space within one)
    clock      what may stand between a date and its time of day: the day of the week, "at"
    byline     what stands before the name of an author
    by         the preposition of a byline, wherever it stands in a line
    preposition  follows the name in such a line ("by Ann on Monday")
    portrait   opens the alternative text of an author's picture
    picture    before a colon, it says whose picture it is
    role       words that follow a name and are no name
    conjunction  joins two names
    published  label of the publication date
    updated    label of the date of a change
    credit     label of the wire or outlet that the article credits
    topics     label of the article's tags
    home       root of a breadcrumb trail
    related    opens a box of other articles, sharing or subscribing; the article may go on after it
    end        line after which there is no more article: comments, the way back to the site
    furniture  line of the page that is never article text: advertisements, players, sharing, counters
    legal      found anywhere in a line: the line is about cookies, consent, subscriptions or rights
    rights     "all rights reserved"
    appeal     found anywhere in a short text: it asks the reader to subscribe, join or give
    """

    months: str = ""
    clock: str = ""
    byline: str = ""
    by: str = ""
    preposition: str = ""
    portrait: str = ""
    picture: str = ""
    role: str = ""
    conjunction: str = ""
    published: str = ""
    updated: str = ""
    credit: str = ""
    topics: str = ""
    home: str = ""
    related: str = ""
    end: str = ""
    furniture: str = ""
    legal: str = ""
    rights: str = ""
    appeal: str = ""


ENGLISH = Language(
    picture="photo; photos; photograph; picture; pictures; image; images",
    clock="at",
    months="""
        january jan; february feb; march mar; april apr; may; june jun; july jul; august aug; september sept sep;
        october oct; november nov; december dec
    """,
    byline="""
        by; written by; reported by; posted by; published by; story by; words by; report by; author; authors; author
        of the article; created by; article by; text by; contributed by
    """,
    role="""
        editor; correspondent; reporter; writer; staff; columnist; contributor; journalist; author; producer; bureau
        chief; analyst; chief; published; updated; posted; last; on; in; at; for; follow; email; view; special to;
        managing; senior; political; deputy; professor; director; head of; chief; executive; specialist; freelance;
        freelancer; photographer; presenter; host; lead; crime; health; lifestyle; news; sports; business
    """,
    conjunction="and; with",
    published="""
        published; posted; first published; published on; posted on; publication date; date; originally published;
        online; published at; created; issued; release date; first posted
    """,
    updated="""
        updated; last updated; modified; last modified; update; updated on; edited; last edited; last update; revised;
        changed; reviewed; last reviewed; available until
    """,
    credit="source; sources; via; wire; agency; agencies",
    topics="""
        tags; topics; tagged; filed under; related topics; keywords; tag; topic; tagged with; more on; read more
        about; explore more on these topics; article tags; in this article; more about; subjects; post tags; labels;
        categories; tagged in
    """,
    home="home; homepage; home page; front page",
    related="""
        related; related news*; related articles*; related stories*; related content*; related posts*; related
        coverage*; related topics; related links; related story*; related article*; related video*; related to
        this story; related reading*; see also*; see more*; also read*; also see*; also on*; read more*; read
        also*; read next*; read this*; read:*; more on this*; more like this; more stories*; more news*; more
        from*; most read*; most popular*; most viewed*; most watched*; most shared*; most recent*; popular
        stories*; popular now; popular posts*; popular; trending*; top stories*; top news; latest news*; latest
        stories*; latest articles*; latest posts*; latest; recent posts*; recent articles*; recommended*;
        recommended for you; you may also like*; you might also like*; you may like*; you might like*; you might
        be interested*; what to read next*; up next; next article; previous article*; next story; editor's
        picks*; editors' picks*; editor's choice; don't miss*; don't miss; in other news*; must read*; must
        reads; watch:*; watch also*; watch next; story timeline; recommended stories; sponsored stories; around
        the web*; from the web*; from our partners*; promoted stories*; suggested for you; keep reading*;
        continue reading*; further reading*; learn more:*; read the latest*; featured stories; other stories*;
        today's top*; in this series; what others are reading*; people are reading*; hot topics; click here to
        read*; click here for more*; comment; share this:*; share this article*; share this story*; share this
        post*; share this page; share this entry; share on social*; about the author*; about the authors*;
        follow us on*; follow us; sign up for our*; sign up to our*; sign up to receive*; subscribe to our*;
        subscribe to the*; get the latest*; get our latest*; get our free*; like this:*; filed under*; posted
        in*; tags:*; tagged:*; tagged with*; recommended for you*; more in*; back to top*; report a correction*;
        report an error*; report a typo*; have a news tip*; story continues below*; support our journalism*;
        conversation; what do you think*; tell us what you think*; print this*; reply; respond; discussion;
        responses; your comment*; discover more from*; related:*; share this; like this; you may also be
        interested*; enjoy this post*; did you like this*; was this article helpful*; was this page helpful*;
        rate this*
    """,
    end="""
        comments; responses to*; response to*; thoughts on*; feed for comments*; top rated comments; latest comments;
        newest comments; most voted*; add a comment*; add comment*; post a comment*; leave a comment*; leave a reply*;
        leave comment*; write a comment*; view comments*; show comments*; read comments*; load comments*; no
        comments*; no comments yet*; join the conversation*; join the discussion*; comments are closed*; read the full
        article here*; read full article*; read the full story*; read the original article*; read the full article*;
        this article was originally published*; share. facebook*; post navigation*; article navigation; previous
        post*; next post*; older post*; newer post*; newer posts; older posts; this entry was posted*; site index;
        site information*; return to top; to top; your email address will not be published*; about us; contact us;
        thanks for reading*; our standards*; thank you for reading*; site map; all comments; reader comments*; start a
        conversation; be the first to comment*; log in to comment*; sign in to comment*; loading comments*;
        trackbacks*; pingbacks*; top rated comments*; comments *; show all comments*; what do you think? leave*; have
        your say*; sound off*; published under*; you are commenting using*; fill in your details below*
    """,
    furniture="""
        advertisement*; advert; ad; ads; advertising; sponsored*; supported by; promoted; paid post; ad feedback;
        story continues; article continues*; continue reading the main story; skip to*; skip ad*; skip advertisement;
        listen; listen to*; listen now; play; play video*; pause; video; watch; watch now; photo; photos; image;
        images; gallery; view gallery*; view photos; open image*; enlarge*; close; menu; search; share; share on*;
        share via*; share article; share:*; shares; tweet; tweet this; email; print; save; copy link*; copied; copy;
        link copied*; bookmark; gift article*; gift; whatsapp; facebook; facebook *; twitter; twitter *; x (twitter)*;
        linkedin; linkedin *; pinterest*; reddit*; telegram*; instagram*; flipboard*; messenger; tumblr*; youtube;
        tiktok; threads; bluesky*; rss*; log in*; login*; sign in*; sign up*; register*; subscribe*; newsletter*;
        newsletters; support us; donate*; breaking; breaking news; just in; what's on; live; live updates; follow;
        following; text size*; font size*; translate; by the way; click to*; click here*; tap to*; swipe*; scroll*;
        loading*; please enable*; read later; show more; show less; view more; load more*; see all*; view all*; more;
        next; previous; prev; likes; minutes; mins; min; home; news; topics; sections; credit:*; photo:*; photo by*;
        photograph:*; image:*; image credit*; photo credit*; picture:*; caption:*; file photo*; getty images*;
        weather; forgot password*; lost password*; download our app*; download the app*; get the app*; this video*;
        embed; follow topics; expand; collapse; view comments; min read; minute read; read time*; reading time*;
        estimated reading time*; views; your browser*; sorry, but your browser*; javascript*; this slideshow
        requires*; want more*; hide caption; toggle caption; show caption; pdf; e-mail; comment; jump to*; go to*;
        view as*; view in*; about this article; download; permalink*; key points; send; submit; add to favorites; add
        to bookmarks; report; options; settings; quick links; hi there; welcome back*; notifications*; no new
        notifications*; you have no new*; you have no pending*; you have no notifications*; article content;
        subscriber only*; subscribers only*; image 1 of*; photo 1 of*; icon facebook*; icon email*
    """,
    legal="""
        cookie; privacy policy; privacy notice; privacy settings; terms of use; terms of service; terms and
        conditions; terms & conditions; all rights reserved; your consent; legitimate interest; personal data; our
        partners; ad blocker; adblock; subscribe to; sign up for; your subscription; our newsletter; your inbox; email
        address; e-mail address; already a subscriber; unlimited access; create an account; your account; log in to;
        free trial; may not be reproduced; may not be published; copyright ©; ©; do not sell; enable javascript;
        javascript is disabled; we use your sign-up; recaptcha; click here to; for more information; commission on;
        affiliate; become a member; subscribers; breaking news alerts; special offers; preferred source; marketing
        emails; by signing up; you agree to; by submitting; for subscribers only; unlimited digital access; unlimited
        online access; to unlock; sign in to continue; additional articles per month; advertisement has not loaded;
        follow us on; follow us at; follow him on; follow her on; by clicking here; thanks for signing up; news tip
    """,
    rights="all rights reserved; all rights are reserved",
    appeal="""
        newsletter; newsletters; subscribe; subscribe now; sign up; become a member; become a subscriber; free
        articles left; free article left; free articles remaining; in your inbox; to your inbox; chip in; donate; make
        a donation; support our work; support our journalism; paid for by its readers; free to read; get our daily
    """,
    by="by",
    preposition="on; in; at; for",
    portrait="""
        headshot of; photo of; image of; picture of; portrait of; avatar of; avatar photo by; avatar; profile picture
        of; profile image of
    """,
)

GERMAN = Language(
    picture="foto; fotos; bild; bilder",
    clock="um",
    months="""
        januar jänner jan; februar feber feb; märz mär mrz; april apr; mai; juni jun; juli jul; august aug; september
        sept sep; oktober okt; november nov; dezember dez
    """,
    byline="""
        von; autor; autorin; autoren; autor/in; verfasst von; geschrieben von; ein artikel von; text; redaktion;
        ein gastbeitrag von; ein kommentar von; interview von; veröffentlicht von; eingestellt von
    """,
    role="""
        redakteur; redakteurin; korrespondent; korrespondentin; autor; autorin; stand; aktualisiert; am;
        veröffentlicht; uhr; reporter; redaktorin; redaktor; chefredakteur; chefredakteurin; volontär; volontärin;
        ressortleiter; leiter; leiterin; reporterin; freier; freie; journalist; journalistin
    """,
    conjunction="und",
    published="""
        veröffentlicht; veröffentlicht am; erschienen; erstellt; erstellt am; erschienen am; datum; publiziert;
        publiziert am; vom; ersterstellung
    """,
    updated="""
        aktualisiert; aktualisiert am; zuletzt aktualisiert; stand; letzte aktualisierung; geändert; letzte änderung;
        update; bearbeitet; zuletzt geändert; akt; verfügbar bis
    """,
    credit="quelle; quellen",
    topics="""
        schlagworte; schlagwörter; themen; stichworte; tags; mehr zum thema; schlagwort; stichwörter; kategorien;
        kategorie; themen dieses artikels
    """,
    home="startseite; start; sie sind hier; sie befinden sich hier",
    related="""
        mehr zum thema*; lesen sie auch*; lesen sie mehr*; lesen sie hier*; auch interessant*; das könnte*; das könnte
        sie auch interessieren*; mehr dazu*; weitere artikel*; weitere themen*; weitere meldungen*; weitere
        nachrichten*; siehe auch*; meistgelesen*; meist gelesen*; meistgelesene*; ähnliche artikel*; ähnliche
        beiträge*; verwandte*; empfehlungen*; top-themen; neueste artikel*; neueste beiträge*; aktuelle meldungen*;
        mehr aus*; mehr von*; mehr lesen*; lesetipp*; passend dazu*; zum thema*; weiterlesen*; empfohlener*;
        beliebteste*; beliebte*; letzte beiträge*; neuste artikel; dazu passend*; mehr ähnliche*; advertorial*
    """,
    end="""
        kommentare*; kommentar schreiben*; kommentar verfassen*; schreibe einen kommentar*; schreiben sie einen
        kommentar*; kommentar hinterlassen*; hinterlasse einen kommentar*; hinterlasse eine antwort*; diskutieren
        sie*; artikel teilen*; teile diesen artikel*; teilen sie*; teilen mit*; beitrag teilen*; zur startseite*;
        beitragsnavigation*; beitrags-navigation*; nach oben*; zurück*; über den autor*; über die autorin*;
        schlagwörter*; schlagworte:*; diesen artikel*; antworten*; antwort abbrechen*; deine meinung*; ihre meinung*;
        jetzt kommentieren*; vorheriger beitrag*; nächster beitrag*; vorheriger artikel*; nächster artikel*; kontakt;
        impressum*; rückfragen*; pressekontakt*; seite drucken*; newsletter abonnieren*; veröffentlicht in*;
        veröffentlicht unter*; gefällt mir*; einen kommentar*; leserkommentare*; folgen sie uns*; folge uns*; service;
        seitenanfang; zum seitenanfang*; artikel kommentieren*; zu den kommentaren*; mehr zum autor*;
        kommentar-regeln*; sie haben einen fehler*; du kommentierst mit*; trage deine daten unten*
    """,
    furniture="""
        anzeige*; werbung*; teilen*; drucken*; merken*; artikel merken*; vorlesen*; artikel anhören*; menü*; suche*;
        hauptmenü; zum inhalt*; zum hauptinhalt*; zur navigation*; foto:*; fotos:*; bild:*; bildrechte*; bilder; bild;
        foto; quelle:*; anmelden*; abmelden*; registrieren*; abo*; abonnieren*; newsletter*; mehr; lesezeit*;
        schließen*; video; navigation*; startseite*; überblick; mein konto*; e-paper*; per e-mail*; bildunterschrift*;
        auf facebook*; auf twitter*; jetzt lesen*; jetzt testen*; jetzt abonnieren*; permalink*; lesedauer*;
        symbolbild*; pdf; warenkorb*; bildergalerie*; download*; symbolfoto*; archivbild*; archivfoto*;
        inhaltsverzeichnis*; inhalt; mehr info*
    """,
    legal="""
        cookie; datenschutz; nutzungsbedingungen; alle rechte vorbehalten; einwilligung; personenbezogen; widerruf;
        externen inhalt; externer inhalt; externe inhalte; redaktioneller empfehlung; adblocker; jetzt abonnieren;
        javascript aktivieren; agb; e-mail-adresse; ihre daten; werbefrei; zugriff auf alle; mit ihrem abo; im abo;
        probemonat; kündbar; unserer website; unseren newsletter; unserem newsletter; alle weiteren inhalte; lesen sie
        diesen artikel weiter; nutzungsrechte; abgelegt unter; an dieser stelle finden sie; einverstanden, dass mir;
        redaktionell nicht bearbeitet; nicht die meinung der redaktion; vergrößern des bildes; meiner anmeldung;
        gratis herunterladen; kommentarfunktion; diesen artikel erwerben; sie sind bereits kunde
    """,
    rights="alle rechte vorbehalten",
    appeal="""
        newsletter; abonnieren; abonnieren sie; mitglied werden; artikel frei; gratis testen; kostenlos testen; jetzt
        testen; jetzt spenden; unterstützen sie uns; jetzt anmelden; mit einer spende; werden sie mitglied; hat ihnen
        dieser artikel gefallen; gefällt ihnen dieser artikel; zugang zu allen artikeln
    """,
    by="von; vom",
    preposition="am; in; um",
    portrait="porträt von; bild von; foto von; profilbild von; profilbild; portrait von; porträtfoto von",
)

FRENCH = Language(
    picture="photo; photos; crédit photo; image",
    clock="à",
    months="""
        janvier janv; février févr fév fevrier; mars; avril avr; mai; juin; juillet juil; août aout; septembre sept;
        octobre oct; novembre nov; décembre déc decembre
    """,
    byline="par; auteur; auteurs; écrit par; publié par; rédigé par",
    role="""
        publié; journaliste; correspondant; correspondante; le; rédaction; envoyé; envoyée; envoyés; envoyées;
        rédacteur; rédactrice
    """,
    conjunction="et; avec",
    published="publié le; publié; mis en ligne le; paru le; date de publication",
    updated="mis à jour le; mis à jour; modifié le; mise à jour; actualisé le",
    credit="source; sources",
    topics="mots-clés; sujets; thèmes; tags; étiquettes; sur le même sujet",
    home="accueil",
    related="""
        à lire aussi*; lire aussi*; voir aussi*; sur le même sujet*; sur le même thème*; les plus lus*; à lire
        également*; articles similaires*; articles liés*; lire la suite*; a lire aussi*; à découvrir*; plus
        d'articles*; dans la même rubrique*; à voir aussi*; lire également*; lire plus*; nos derniers articles*
    """,
    end="""
        commentaires*; laisser un commentaire*; réagir*; partager cet article*; ajouter un commentaire*; vos
        commentaires*; poster un commentaire*; partagez cet article*; votre commentaire*; pour citer cet article*;
        contribuer*; il vous reste*; la suite est réservée*; cet article est réservé*; lire les commentaires*; vous
        commentez à l'aide*
    """,
    furniture="""
        publicité*; partager*; imprimer*; écouter*; menu; recherche*; rechercher*; se connecter*; s'abonner*;
        abonnez-vous*; je m'abonne*; crédit*; photo :*; envoyer par*; aller au contenu*; temps de lecture*; lecture *;
        fermer; lecture du monde en cours*; article réservé*; offrir l’article*; ajouter à vos*; temps de lecture
    """,
    legal="""
        cookies; tous droits réservés; données personnelles; mentions légales; consentement; politique de
        confidentialité; réservé aux abonnés; conditions générales; notre newsletter; vos données; cet appareil; votre
        abonnement; vos préférences; lire le monde; autre appareil; se connecter; vous inscrire
    """,
    rights="tous droits réservés",
    appeal="""
        newsletter; infolettre; abonnez-vous; s'abonner; devenez membre; devenir membre; faire un don; faites un don;
        articles gratuits
    """,
    by="par",
    preposition="le; dans; à",
    portrait="photo de; portrait de; image de",
)

SPANISH = Language(
    picture="foto; fotografía; imagen",
    clock="a las; a la",
    months="""
        enero ene; febrero feb; marzo mar; abril abr; mayo may; junio jun; julio jul; agosto ago; septiembre setiembre
        sept sep set; octubre oct; noviembre nov; diciembre dic
    """,
    byline="por; autor; autora; autores; escrito por; publicado por; redacción",
    role="redactor; redactora; corresponsal; periodista; publicado; editor; editora",
    conjunction="y",
    published="publicado; publicado el; publicada; fecha",
    updated="actualizado; actualizado el; actualizada; modificado; última actualización",
    credit="fuente; fuentes",
    topics="etiquetas; temas; más sobre; archivado en; palabras clave; temas relacionados",
    home="inicio; portada",
    related="""
        te puede interesar*; también te puede interesar*; lea también*; lee también*; leer más*; lo más leído*; más
        información*; noticias relacionadas*; relacionado*; relacionados*; le puede interesar*; ver más*; más
        noticias*; artículos relacionados*; últimas noticias*; más leídas*; más leídos*; vea también*
    """,
    end="""
        comentarios*; deja un comentario*; deja una respuesta*; compartir esta noticia*; comentar*; dejar un
        comentario*; comparte esta noticia*; navegación de entradas*; tu suscripción se está usando*; suscríbete para
        seguir leyendo*; continúa leyendo*; archivado en*; normas ›*; estás comentando usando*
    """,
    furniture="""
        publicidad*; compartir*; imprimir*; escuchar*; menú*; buscar*; iniciar sesión*; suscríbete*; suscribirse*;
        foto:*; imagen:*; síguenos*; cerrar; tiempo de lectura*; regístrate*; saltar al contenido*
    """,
    legal="""
        cookies; todos los derechos reservados; política de privacidad; datos personales; aviso legal; consentimiento;
        términos y condiciones; correo electrónico; tu suscripción; tu cuenta; otro dispositivo; suscriptores; tus
        datos
    """,
    rights="todos los derechos reservados",
    appeal="""
        boletín; newsletter; suscríbete; suscríbase; suscribirse; hágase socio; hazte socio; artículos gratuitos; haz
        una donación
    """,
    by="por",
    preposition="el; en",
    portrait="foto de; imagen de; retrato de",
)

PORTUGUESE = Language(
    picture="foto; fotografia; imagem",
    clock="às",
    months="""
        janeiro jan; fevereiro fev; março mar; abril abr; maio mai; junho jun; julho jul; agosto ago; setembro set;
        outubro out; novembro nov; dezembro dez
    """,
    byline="por; autor; autora; escrito por; publicado por; redação",
    conjunction="e",
    published="publicado em; publicado; publicada em; postado em",
    updated="atualizado em; atualizado; atualizada em; modificado em",
    credit="fonte; fontes",
    topics="etiquetas; assuntos; tags; mais sobre; marcadores",
    home="início; página inicial",
    related="""
        leia também*; leia mais*; saiba mais*; veja também*; mais lidas*; mais lidos*; notícias relacionadas*;
        você pode gostar*; você também pode gostar*; talvez você goste*; relacionadas*; recomendadas*; últimas
        notícias*; veja mais*; artigos relacionados*
    """,
    end="""
        comentários*; deixe um comentário*; deixe uma resposta*; compartilhe esta notícia*; compartilhe isso*; deixe
        seu comentário*; navegação de posts*; você está comentando utilizando*
    """,
    furniture="""
        publicidade*; compartilhar*; compartilhe*; partilhar*; imprimir*; ouvir*; buscar*; pesquisar*; assine*;
        foto:*; continua após*; ir para o conteúdo*; tempo de leitura*; pular para*; menu; fechar; entrar;
        cadastre-se*; assinar*; siga*; receba*; tamanho da fonte*; vídeo; compartilhar
    """,
    legal="""
        cookies; todos os direitos reservados; política de privacidade; dados pessoais; termos de uso; clique na
        imagem; clique na foto; clique aqui
    """,
    rights="todos os direitos reservados",
    appeal="""
        newsletter; assine; assine já; inscreva-se; torne-se membro
    """,
    by="por",
    preposition="em; no; na",
    portrait="foto de; imagem de",
    role="repórter; editor; jornalista; publicado",
)

ITALIAN = Language(
    picture="foto; immagine",
    clock="alle; ore; alle ore",
    months="""
        gennaio gen; febbraio feb; marzo mar; aprile apr; maggio mag; giugno giu; luglio lug; agosto ago; settembre
        sett set; ottobre ott; novembre nov; dicembre dic
    """,
    byline="di; autore; a cura di; scritto da; pubblicato da",
    conjunction="e",
    published="pubblicato il; pubblicato; pubblicata il",
    updated="aggiornato il; aggiornato; ultimo aggiornamento; modificato il",
    credit="fonte; fonti",
    topics="tag; argomenti; temi; etichette",
    home="inizio",
    related="""
        leggi anche*; potrebbe interessarti*; ti potrebbe interessare*; articoli correlati*; i più letti*; vedi
        anche*; leggi tutto*; correlati*; più letti*; ultime notizie*; articoli recenti*; potrebbe interessarti
        anche*; approfondimenti*; scopri di più*; leggi di più*; altri articoli*
    """,
    end="""
        commenti*; lascia un commento*; lascia una risposta*; condividi questo articolo*; riproduzione riservata*;
        stai commentando usando*
    """,
    furniture="""
        pubblicità*; condividi*; stampa; ascolta*; cerca*; accedi*; abbonati*; foto:*; vai al contenuto*; iscriviti*;
        pubblicità; menu; chiudi; iscriviti*; registrati*; tempo di lettura*; riproduzione*; video; salta al
        contenuto*
    """,
    legal="cookie; tutti i diritti riservati; privacy policy; dati personali; riproduzione riservata",
    rights="tutti i diritti riservati",
    appeal="""
        newsletter; abbonati; iscriviti; sostieni il giornale; articoli gratuiti
    """,
    by="di",
    preposition="il; in",
    portrait="foto di; immagine di",
    role="giornalista; redattore; pubblicato; direttore; corrispondente; inviato; redazione",
)

DUTCH = Language(
    picture="foto; beeld",
    clock="om",
    months="""
        januari jan; februari feb; maart mrt; april apr; mei; juni jun; juli jul; augustus aug; september sept sep;
        oktober okt; november nov; december dec
    """,
    byline="door; auteur; geschreven door",
    conjunction="en",
    published="gepubliceerd; gepubliceerd op; geplaatst op",
    updated="bijgewerkt; laatst bijgewerkt; bijgewerkt op; gewijzigd",
    credit="bron; bronnen",
    topics="trefwoorden; onderwerpen; meer over",
    related="""
        lees ook*; lees meer*; meer nieuws*; meest gelezen*; gerelateerd*; bekijk ook*; lees verder*; meest gelezen*;
        ook interessant*; aanbevolen*; gerelateerde artikelen*
    """,
    end="""
        reacties*; reageer*; deel dit artikel*; plaats een reactie*; reacties; laat een reactie achter*; geef een
        reactie*; deel dit bericht*
    """,
    furniture="""
        advertentie*; delen*; inloggen*; zoeken*; menu; foto:*; abonneer*; aanmelden*; afdrukken*; beeld:*; luister*;
        sluiten; leestijd*; nieuwsbrief*
    """,
    legal="cookies; alle rechten voorbehouden; privacyverklaring; persoonsgegevens",
    rights="alle rechten voorbehouden",
    appeal="""
        nieuwsbrief; abonneer; word lid; gratis artikelen
    """,
    by="door",
    preposition="op; in",
    portrait="foto van; portret van",
    role="redacteur; verslaggever; correspondent; verslaggeefster; redactie; geplaatst; gepubliceerd",
    home="thuis; startpagina; home",
)

POLISH = Language(
    picture="fot; foto; zdjęcie",
    clock="godz; o godz; r",
    months="""
        stycznia styczeń sty; lutego luty lut; marca marzec mar; kwietnia kwiecień kwi; maja maj; czerwca czerwiec
        cze; lipca lipiec lip; sierpnia sierpień sie; września wrzesień wrz; października październik paź; listopada
        listopad lis; grudnia grudzień gru
    """,
    byline="autor; autorzy; opracowanie; napisał; napisała; tekst; przygotował; przygotowała",
    published="opublikowano; data publikacji; publikacja",
    updated="aktualizacja; zaktualizowano",
    related="""
        czytaj także*; czytaj też*; zobacz także*; zobacz też*; przeczytaj także*; czytaj więcej*; najczęściej
        czytane*; polecane*; polecamy*; powiązane artykuły*; więcej na temat*; podobne artykuły*; najnowsze*;
        popularne*
    """,
    end="komentarze*; dodaj komentarz*; udostępnij*; skomentuj*; napisz komentarz*; zostaw komentarz*; dyskusja*",
    furniture="""
        reklama*; szukaj*; zaloguj*; zapisz*; drukuj*; subskrybuj*; fot:*; fot.*; zdjęcie:*; posłuchaj*; zamknij; czas
        czytania*; pozostało*
    """,
    legal="""
        cookies; wszelkie prawa zastrzeżone; polityka prywatności; danych osobowych; prenumerat; subskrypcj; bez
        zgody; plików cookie
    """,
    rights="wszelkie prawa zastrzeżone",
    portrait="zdjęcie",
    role="dziennikarz; redaktor; opublikowano",
    credit="źródło; źródła",
    topics="tagi; tematy; słowa kluczowe",
    home="strona główna",
    conjunction="i; oraz",
    appeal="newsletter; subskrybuj; prenumeruj; wesprzyj nas",
)

CZECH = Language(
    picture="foto",
    months="""
        ledna leden; února únor; března březen; dubna duben; května květen; června červen; července červenec; srpna
        srpen; září; října říjen; listopadu listopad; prosince prosinec
    """,
    byline="autor; autoři",
    updated="aktualizováno",
    related="čtěte také*; související*; nejčtenější*; přečtěte si*",
    end="diskuse*; komentáře*; sdílet*; vstoupit do diskuse*",
    furniture="reklama*; hledat*; přihlásit*",
    legal="cookies; všechna práva vyhrazena; osobních údajů",
)

RUSSIAN = Language(
    picture="фото",
    clock="в; г; г. в; года; года в",
    months="""
        января январь янв; февраля февраль фев; марта март мар; апреля апрель апр; мая май; июня июнь июн; июля июль
        июл; августа август авг; сентября сентябрь сен сент; октября октябрь окт; ноября ноябрь ноя; декабря декабрь
        дек
    """,
    byline="автор; авторы; текст; подготовил; подготовила; написал; записал",
    published="опубликовано; дата публикации; размещено",
    updated="обновлено; изменено; последнее обновление",
    credit="источник",
    topics="теги; темы",
    home="главная",
    related="""
        читайте также*; читать далее*; по теме*; популярное*; смотрите также*; самое читаемое*; читать также*; другие
        новости*; похожие*; еще по теме*; материалы по теме*; рекомендуем*; новости партнеров*; последние новости*;
        лента новостей*; подписывайтесь*; главные новости*
    """,
    end="""
        комментарии*; поделиться*; оставить комментарий*; добавить комментарий*; обсудить*; обсуждение*; нашли
        ошибку*; оставьте комментарий*
    """,
    furniture="""
        реклама*; поиск*; войти*; фото:*; меню; подписаться*; слушать*; видео; фото; печать*; закрыть; распечатать*;
        поделиться*
    """,
    legal="""
        cookie; все права защищены; персональных данных; перепечатка; политика конфиденциальности; пользовательское
        соглашение; использование материалов; электронную почту
    """,
    rights="все права защищены",
    portrait="фото",
    role="корреспондент; редактор; журналист",
    conjunction="и",
    appeal="подписаться; подпишитесь; поддержите; рассылку",
)

TURKISH = Language(
    picture="fotoğraf; foto",
    months="""
        ocak oca; şubat şub; mart; nisan nis; mayıs; haziran haz; temmuz tem; ağustos ağu; eylül eyl; ekim eki; kasım
        kas; aralık ara
    """,
    clock="saat; pazartesi; salı; çarşamba; perşembe; cuma; cumartesi; pazar",
    published="yayınlanma; giriş; yayın tarihi; yayınlanma tarihi; oluşturulma tarihi; giriş tarihi; eklenme",
    updated="güncelleme; güncellendi; son güncelleme; güncelleme tarihi; son güncellenme",
    credit="kaynak",
    topics="etiketler",
    related="""
        ilgili haberler*; en çok okunanlar*; son dakika; diğer haberler*; benzer haberler*; önerilen haberler*; bunlar
        da ilginizi çekebilir*; ilginizi çekebilir*; son dakika haberleri*; en çok okunan*; popüler haberler*; haberin
        devamı*
    """,
    end="yorumlar*; yorum yap*; yorum yaz*; yorumunuzu*; ilk yorumu*; yorum ekle*",
    furniture="""
        reklam*; paylaş*; ara; ilan*; giriş yap*; üye ol*; abone ol*; yazdır*; dinle*; fotoğraf:*; menü; kapat; haberi
        paylaş*; google news*
    """,
    legal="çerez; tüm hakları saklıdır; kişisel veri; gizlilik politikası; kullanım koşulları; izinsiz",
    rights="tüm hakları saklıdır",
    role="muhabir; editör",
    byline="yazan; yazar; haber; haberi yazan; muhabir",
    conjunction="ve; ile",
    home="ana sayfa; anasayfa",
    appeal="abone olun; bülten; destek ol",
)

NORDIC = Language(
    picture="foto; bilde; bild",
    clock="kl; klo; klokken",
    months="""
        januar januari jan janúar; februar februari feb febrúar; marts mars mar; april apr apríl; maj mai maí; juni
        jun júní; juli jul júlí; august augusti aug ágúst; september sep sept; oktober okt október; november nov
        nóvember; december desember dec des
    """,
    byline="af; av; skrevet af; skrevet av; höfundur",
    published="publiceret; publisert; publicerad",
    updated="opdateret; oppdatert; uppdaterad; sist oppdatert; senast uppdaterad",
    topics="emner; emneord; ämnen",
    related="""
        læs også*; les også*; läs också*; læs mere*; les mer*; läs mer*; mest lest*; mest læste*; mest läst*;
        anbefalte*; siste nytt*; flere saker*; mer fra*; se også*; relaterte*; relaterede*
    """,
    end="""
        kommentarer*; del artikel*; dela artikel*; del denne*; legg igjen en kommentar*; skriv en kommentar*; mer om;
        mere om
    """,
    furniture="annonce*; annonse*; annons*; søg; søk; sök; log ind*; logg inn*; logga in*; foto:*",
    legal="cookies; informasjonskapsler; alle rettigheter; personopplysninger",
    by="av; af",
    preposition="den; i",
    portrait="bilde av; bild på; billede af; foto av",
    role="journalist; redaktør; reporter",
    conjunction="og; och",
)

ARABIC = Language(
    picture="الصورة; تصوير; صورة",
    months="""
        يناير كانون_الثاني جانفي; فبراير شباط فيفري; مارس آذار; أبريل ابريل إبريل نيسان أفريل; مايو أيار ماي; يونيو
        حزيران جوان; يوليو تموز جويلية يوليوز; أغسطس اغسطس آب أوت غشت; سبتمبر أيلول شتنبر; أكتوبر اكتوبر تشرين_الأول;
        نوفمبر تشرين_الثاني نونبر; ديسمبر كانون_الأول دجنبر
    """,
    clock="الساعة",
    byline="بقلم; كتب; كتبت; كتبه; الكاتب; إعداد",
    role="مراسل; صحفي; محرر",
    conjunction="و",
    published="نشر; نشر في; نشر بتاريخ; تاريخ النشر; تم النشر",
    updated="آخر تحديث; تحديث; تم التحديث; عدل في",
    credit="المصدر; المصادر; وكالات",
    topics="الوسوم; كلمات مفتاحية; كلمات دلالية; مواضيع; تاجز; علامات",
    home="الرئيسية; الصفحة الرئيسية",
    related="""
        اقرأ أيضا*; اقرأ أيضاً*; إقرأ أيضا*; اقرأ المزيد*; المزيد من*; أخبار ذات صلة*; مقالات ذات صلة*; مواضيع ذات
        صلة*; ذات صلة*; الأكثر قراءة*; شاهد أيضا*; قد يهمك*; تابعنا*
    """,
    end="التعليقات*; تعليقات*; أضف تعليق*; اترك تعليق*; شارك برأيك*",
    furniture="""
        إعلان*; اعلان*; مشاركة*; شارك*; بحث*; القائمة; طباعة*; تسجيل الدخول*; اشترك*; استمع*; فيديو; صور; حجم الخط*
    """,
    legal="ملفات تعريف الارتباط; سياسة الخصوصية; جميع الحقوق محفوظة; شروط الاستخدام; بريدك الإلكتروني",
    rights="جميع الحقوق محفوظة",
    appeal="النشرة البريدية; اشترك; اشترك الآن; انضم إلينا",
)

PERSIAN = Language(
    picture="عکس; عکاس",
    clock="ساعت",
    months="ژانویه; فوریه; مارس; آوریل; مه می; ژوئن; ژوئیه جولای; اوت آگوست; سپتامبر; اکتبر; نوامبر; دسامبر",
    byline="نویسنده; نوشته; به قلم; گزارش از",
    published="تاریخ انتشار; منتشر شده; زمان انتشار",
    updated="به روز رسانی; بروزرسانی; آخرین به‌روزرسانی",
    credit="منبع; منابع",
    topics="برچسب‌ها; برچسب ها; کلیدواژه‌ها; موضوعات",
    home="خانه; صفحه اصلی; صفحه نخست",
    related="بیشتر بخوانید*; مطالب مرتبط*; اخبار مرتبط*; پربازدیدترین*; پربیننده‌ترین*; همچنین بخوانید*",
    end="نظرات*; دیدگاه‌ها*; ارسال نظر*; نظر شما*; دیدگاه شما*",
    furniture="تبلیغات*; آگهی*; جستجو*; ورود; عضویت*; چاپ; اشتراک گذاری*; به اشتراک*",
    legal="کلیه حقوق; تمامی حقوق; حریم خصوصی; کوکی",
    rights="کلیه حقوق محفوظ است; تمامی حقوق محفوظ است",
)

HEBREW = Language(
    picture="צילום; תמונה",
    clock="בשעה",
    months="""
        ינואר בינואר; פברואר בפברואר; מרץ מרס במרץ במרס; אפריל באפריל; מאי במאי; יוני ביוני; יולי ביולי; אוגוסט
        באוגוסט; ספטמבר בספטמבר; אוקטובר באוקטובר; נובמבר בנובמבר; דצמבר בדצמבר
    """,
    byline="מאת; כתב; כתבה",
    role="כתב; כתבת; עורך; פרשן",
    conjunction="ו",
    published="פורסם; פורסם בתאריך; פורסם ב; תאריך פרסום",
    updated="עודכן; עודכן לאחרונה; עדכון אחרון; עדכון",
    credit="מקור; מקורות",
    topics="תגיות; נושאים; תיוגים",
    home="ראשי; דף הבית; עמוד הבית",
    related="""
        כתבות נוספות*; עוד בנושא*; קראו גם*; קראו עוד*; הנקראות ביותר*; הכי נקראות*; אולי יעניין אותך*; כתבות קשורות*;
        עוד כתבות*
    """,
    end="תגובות*; הוסף תגובה*; הוספת תגובה*; כתוב תגובה*",
    furniture="פרסומת*; שתפו*; שיתוף*; חיפוש*; התחברות*; תפריט; הדפסה*; האזנה*; צילום:*",
    legal="כל הזכויות שמורות; מדיניות פרטיות; תנאי שימוש; עוגיות",
    rights="כל הזכויות שמורות",
    appeal="הירשמו; הצטרפו; ניוזלטר; תרמו",
)

CHINESE = Language(
    picture="图; 圖; 摄影; 攝影; 图片来源; 圖片來源",
    months="一月; 二月; 三月; 四月; 五月; 六月; 七月; 八月; 九月; 十月; 十一月; 十二月",
    byline="作者; 记者; 記者; 文; 撰文; 编辑; 編輯; 责任编辑; 責任編輯",
    role="记者; 記者; 编辑; 編輯; 未知",
    published="发布时间; 發布時間; 发布于; 發佈; 发表于; 時間; 时间",
    updated="更新时间; 更新時間; 更新于; 最后更新; 最後更新; 更新",
    credit="来源; 來源",
    topics="标签; 標籤; 关键词; 關鍵字; 关键字",
    home="首页; 首頁",
    related="""
        相关阅读*; 相關新聞*; 相关新闻*; 相关文章*; 相關文章*; 延伸阅读*; 延伸閱讀*; 推荐阅读*; 推薦閱讀*;
        热门文章*; 熱門文章*; 热门新闻*; 熱門新聞*; 更多新闻*; 更多新聞*; 猜你喜欢*; 上一篇*; 下一篇*; 点击进入*
    """,
    end="评论*; 評論*; 发表评论*; 發表評論*; 留言*; 我要评论*; 网友评论*",
    furniture="""
        广告*; 廣告*; 分享*; 登录*; 登入*; 注册*; 搜索; 搜尋; 打印*; 列印*; 字号*; 字級*; 微信*; 微博*; 收藏; 订阅*;
        訂閱*; 图片; 视频; 影片
    """,
    legal="版权所有; 版權所有; 未经授权; 未經授權; 隐私政策; 隱私權; 使用条款; 著作權",
    rights="版权所有; 版權所有; 保留所有权利",
)

JAPANESE = Language(
    picture="写真; 撮影; 画像",
    months="1月; 2月; 3月; 4月; 5月; 6月; 7月; 8月; 9月; 10月; 11月; 12月",
    byline="文; 記者; 取材; 執筆; 著者; 筆者",
    role="記者; 編集委員; 特派員; 編集部",
    published="公開; 公開日; 公開日時; 配信; 掲載; 投稿日; 公開日:",
    updated="更新; 最終更新; 更新日; 更新日時",
    credit="出典; 提供",
    topics="タグ; キーワード; 関連キーワード; 関連タグ",
    home="ホーム; トップ; トップページ",
    related="""
        関連記事*; 関連ニュース*; あわせて読みたい*; おすすめ*; おすすめ記事*; 人気記事*; アクセスランキング*;
        ランキング*; こちらもおすすめ*; 次の記事*; 前の記事*; 新着*; 最新記事*; 最新ニュース*; 注目*; 特集*;
        この記事をシェア*; 関連リンク*; トピックス*
    """,
    end="""
        コメント*; コメントを書く*; コメントする*; この記事は会員限定*; この記事は有料会員限定*; 残り*; 続きを読む*;
        会員登録*; ログインして続き*
    """,
    furniture="""
        広告*; シェア*; シェアする*; ログイン*; 検索*; 印刷*; メニュー; 保存; ツイート*; 拡大*; 写真*; 動画*; 画像*;
        フォロー*; もっと見る*; 一覧*; 記事一覧*; 有料会員記事; 会員限定; 文字サイズ*
    """,
    legal="無断転載; 著作権; 利用規約; プライバシーポリシー; 個人情報; クッキー; 会員限定",
    rights="無断転載を禁じます; 無断転載禁止",
)

KOREAN = Language(
    picture="사진",
    months="1월; 2월; 3월; 4월; 5월; 6월; 7월; 8월; 9월; 10월; 11월; 12월",
    byline="기자; 글; 작성자; 글쓴이",
    role="기자; 특파원; 편집장; 논설위원",
    published="입력; 등록; 기사입력; 게재; 발행; 작성; 승인",
    updated="수정; 최종수정; 업데이트; 기사수정",
    credit="출처; 제공",
    topics="태그; 키워드; 관련키워드",
    home="홈",
    related="""
        관련기사*; 관련 기사*; 많이 본 뉴스*; 많이 본 기사*; 인기기사*; 인기 기사*; 추천 기사*; 주요뉴스*; 주요
        뉴스*; 이 기사와 함께*; 최신기사*; 이전기사*; 다음기사*; 더보기*; 기자의 다른기사*; 랭킹뉴스*
    """,
    end="댓글*; 댓글쓰기*; 의견쓰기*; 기사제보*; 저작권자*; 무단전재*",
    furniture="""
        광고*; 공유*; 공유하기*; 로그인*; 회원가입*; 검색*; 인쇄*; 프린트*; 글자크기*; 글자 크기*; 스크랩*; 구독*;
        본문 글씨*; 전체메뉴; 메뉴; 페이스북*; 카카오톡*; 트위터*; 기사저장
    """,
    legal="무단전재; 무단 전재; 재배포 금지; 재배포금지; 개인정보; 이용약관; 저작권",
    rights="무단전재 및 재배포 금지; 무단 전재 및 재배포 금지",
)

HINDI = Language(
    picture="फोटो; फ़ोटो; तस्वीर",
    clock="को",
    months="""
        जनवरी; फरवरी फ़रवरी; मार्च; अप्रैल; मई; जून; जुलाई; अगस्त; सितंबर सितम्बर; अक्टूबर अक्तूबर; नवंबर नवम्बर;
        दिसंबर दिसम्बर
    """,
    byline="लेखक; द्वारा; रिपोर्ट; लिखित",
    conjunction="और",
    published="प्रकाशित; प्रकाशन तिथि; पब्लिश",
    updated="अपडेट; अपडेटेड; अंतिम अपडेट; संशोधित",
    credit="स्रोत; सोर्स",
    topics="टैग; टैग्स; विषय",
    home="होम; मुख्य पृष्ठ",
    related="""
        यह भी पढ़ें*; ये भी पढ़ें*; और पढ़ें*; संबंधित खबरें*; संबंधित समाचार*; सबसे ज्यादा पढ़ी*; ताजा खबरें*; अन्य
        खबरें*; इसे भी पढ़ें*; पूरी खबर पढ़ें*
    """,
    end="टिप्पणियां*; टिप्पणी*; कमेंट*; अपनी राय*",
    furniture="विज्ञापन*; शेयर*; साझा करें*; खोजें*; लॉग इन*; लॉगिन*; फोटो:*; वीडियो; सब्सक्राइब*",
    legal="सर्वाधिकार सुरक्षित; गोपनीयता नीति; नियम और शर्तें; कुकीज",
    rights="सर्वाधिकार सुरक्षित",
)

LANGUAGES = (
    ENGLISH, GERMAN, FRENCH, SPANISH, PORTUGUESE, ITALIAN, DUTCH, POLISH, CZECH, RUSSIAN, TURKISH, NORDIC,
    ARABIC, PERSIAN, HEBREW, CHINESE, JAPANESE, KOREAN, HINDI,
)  # fmt: skip


# They stand at the end of a caption, in every language.
PICTURE_AGENCIES = (
    "ap", "afp", "reuters", "epa", "dpa", "apa", "pa", "upi", "tass", "getty", "getty images", "shutterstock", "istock",
    "istockphoto", "alamy", "unsplash", "pixabay", "pexels", "imago", "picture alliance", "photo", "foto", "bloomberg",
    "wikimedia", "handout", "file", "archive", "archiv", "file photo", "social media", "screenshot", "keystone", "ansa",
    "efe", "europa press", "lusa", "anp", "belga", "ritzau", "scanpix", "ntb", "pap", "тасс", "риа новости", "anadolu",
    "xinhua", "kyodo", "yonhap", "연합뉴스", "뉴스1", "뉴시스", "共同", "時事", "ロイター", "新华社", "新華社",
)  # fmt: skip
