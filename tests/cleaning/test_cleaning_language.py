"""The language of an article: what its words say, and what a library is asked for."""

from __future__ import annotations

import pytest

from indexer.cleaning.language import detect, primary_tag

COMMON = {
    "en": "The harbour master said that the ferry to the islands would sail again and that tickets of March are valid.",
    "de": "Der Rat hat am Montag beschlossen, die alte Brücke für acht Monate zu sperren, und das ist nicht das Ende.",
    "fr": "Le conseil a fermé les écluses et une partie des quais pour la saison, dans le calme, dit le maire.",
    "es": "Los pescadores y las autoridades acordaron cerrar el muelle por una semana, con más vigilancia del puerto.",
    "pt": "A ponte não abre amanhã, e uma das barcas também parou, com os pescadores e as famílias à espera no cais.",
    "it": "Il comune non riapre il ponte della stazione, che è chiuso per lavori, e i treni sono di nuovo in ritardo.",
    "nl": "Het veer vaart niet voor maandag, een schipper werd ziek, en ook de reizigers naar het eiland wachten.",
}
# Each has words of one of those above.
CLOSE = {
    "ca": "El govern ha dit que la llei del port, una de les més antigues, canviarà per als pescadors amb les obres.",
    "gl": "O concello pechou a ponte dos peixeiros e os barcos das illas non sairán, dixo a alcaldesa; unha mágoa.",
    "af": "Die raad het gesê dat die brug ook vir een maand gesluit word, maar dat die veerbote nie sal stop nie.",
    "da": "Byrådet har besluttet at lukke den gamle bro for biler, og det er ikke den sidste, siger borgmesteren.",
    "he": "ראש העירייה הודיע כי הגשר הישן ייסגר לתנועה למשך שמונה חודשים, וכי המעבורות לאיים ימשיכו להפליג בכל יום.",
    "ro": "Primăria nu redeschide podul din port, iar trenurile sunt din nou în întârziere, a spus primarul orașului.",
}


def test_language_tags_lose_their_region() -> None:
    assert primary_tag("en-US") == "en"
    assert primary_tag("zh-hant-TW") == "zh-Hant"
    assert primary_tag("") is None


def test_language_of_a_short_text_is_not_guessed() -> None:
    assert detect("Ja, bitte.") is None


@pytest.mark.parametrize(("language", "text"), COMMON.items() | CLOSE.items())
def test_language_of_a_text_is_told_from_those_that_are_close_to_it(language: str, text: str) -> None:
    assert detect(text) == language


def test_text_that_is_of_no_language_is_not_guessed() -> None:
    assert detect("Ottostraße 14 | Fax: +49 4964 95816-29 | ISBN 3-16-148410-0 | qzx vlorp krmst " * 2) is None


def test_half_a_pair_of_surrogates_does_not_keep_a_text_from_being_told() -> None:
    assert detect(f"\ud83d {COMMON['de']}") == "de"
