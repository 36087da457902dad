"""Files on the candidate's page: for those who see the candidate, as attachments, and logged."""

import pytest
from django.urls import reverse

from apitokens.attribution import Actor
from candidates.models import Document, LogEntry
from candidates.services.documents import attach
from tests.candidates import files
from tests.candidates.conftest import add
from tests.candidates.files import upload


@pytest.fixture
def resume(meera, admin):
    return attach(candidate=meera, kind="resume", file=upload(), actor=Actor(admin))


def url(document, candidate=None):
    return reverse("candidates:document", args=[candidate or document.candidate_id, document.pk])


def test_whoever_sees_the_candidate_gets_the_file(admin_client, resume):
    response = admin_client.get(url(resume))
    assert response.status_code == 200
    assert response.getvalue() == files.PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="Ananya Krishnan CV.pdf"'
    assert response["Content-Length"] == str(len(files.PDF))


def test_the_browser_neither_shows_guesses_nor_keeps_it(admin_client, resume):
    response = admin_client.get(url(resume))
    assert response.getvalue()
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox;")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("बायोडाटा.pdf", "attachment; filename*=utf-8''%E0%A4%AC%E0%A4%BE"),
        ('a"b\\c.pdf', 'attachment; filename="c.pdf"'),
        ('a"b;c.pdf', 'attachment; filename="a\\"b;c.pdf"'),
        ("a\r\nSet-Cookie: b=c.pdf", 'attachment; filename="aSet-Cookie: b=c.pdf"'),
    ],
)
def test_odd_names_are_offered_safely(admin_client, meera, name, header):
    document = attach(candidate=meera, kind="resume", file=upload(name=name), actor=None)
    response = admin_client.get(url(document))
    assert response.getvalue()
    assert response["Content-Disposition"].startswith(header)
    assert "Set-Cookie" not in response.headers


def test_a_type_that_is_not_ours_is_never_sent(admin_client, resume):
    Document.objects.update(content_type="text/html")
    response = admin_client.get(url(resume))
    assert response.getvalue()
    assert response["Content-Type"] == "application/octet-stream"


def test_another_company_an_unknown_one_and_a_wrong_candidate_are_404(
    admin_client, other_admin_client, admin, subtype, resume
):
    other = add(admin, subtype)
    unknown = reverse("candidates:document", args=[resume.candidate_id, 987654])
    refused = other_admin_client.get(url(resume))
    assert refused.status_code == 404
    assert admin_client.get(unknown).status_code == 404
    assert admin_client.get(url(resume, other.pk)).status_code == 404
    assert not LogEntry.objects.filter(kind=LogEntry.Kind.DOCUMENT_OPENED).exists()


def test_hr_and_recruiters_get_the_files_of_their_own_candidates_alone(
    hr_client, recruiter_client, hr, recruiter, subtype, resume
):
    for person, client in ((hr, hr_client), (recruiter, recruiter_client)):
        own = attach(candidate=add(person, subtype), kind="resume", file=upload(), actor=None)
        assert client.get(url(own)).getvalue() == files.PDF
        assert client.get(url(resume)).status_code == 404


def test_nobody_signed_in_is_sent_to_the_log_in(client, resume):
    assert client.get(url(resume))["Location"].startswith(reverse("login"))


def test_a_token_opens_no_file(api, resume):
    assert api.get(url(resume)).status_code == 302


def test_a_file_is_only_read(admin_client, resume):
    assert admin_client.post(url(resume)).status_code == 405
    assert admin_client.delete(url(resume)).status_code == 405


def test_a_link_is_no_file_and_a_lost_file_is_404(admin_client, meera, resume):
    link = Document.objects.create(candidate=meera, kind="resume", url="https://a.example/cv")
    assert admin_client.get(url(link)).status_code == 404
    resume.file.storage.delete(resume.file.name)
    assert admin_client.get(url(resume)).status_code == 404


def test_the_log_says_who_opened_it(admin_client, admin, resume):
    assert admin_client.get(url(resume)).getvalue()
    entry = resume.candidate.log.first()
    assert (entry.who, entry.text, entry.address) == (admin.name, "opened Résumé", "127.0.0.1")


def test_the_panel_lists_files_and_links(admin_client, meera, resume):
    Document.objects.create(
        candidate=meera, kind="identity", tag="front", url="https://a.example/pan"
    )
    Document.objects.filter(pk=resume.pk).update(size=212_300, name="<b>CV</b>.pdf")
    page = admin_client.get(reverse("candidates:detail", args=[meera.pk])).content.decode()
    panel = page.split('id="documents"')[1].split("</section>")[0]
    assert url(resume) in panel
    assert "PDF, 212 kB" in panel
    assert "&lt;b&gt;CV&lt;/b&gt;.pdf" in panel
    assert 'href="https://a.example/pan" rel="noreferrer noopener"' in panel
