#include "notify/mail.hpp"

#include "base/error.hpp"
#include "base/testing/kind_of.hpp"
#include "notify/mail_channel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::notify {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const TimePoint kTime{std::chrono::seconds{784'111'777}};

Mail plain() {
    return {
        .from = {"", "kiln@example.org"},
        .to = {{"", "a@example.org"}, {"B \"the\" Second", "b@example.org"}},
        .subject = "Hello",
        .body = "one\ntwo",
        .id = "key-1",
        .kind = "test",
        .time = kTime};
}

TEST(MailText, HasHeaderAndBody) {
    const auto text = mail_text(plain());
    EXPECT_THAT(text, ::testing::StartsWith("Date: Sun, 06 Nov 1994 08:49:37 +0000\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nFrom: kiln@example.org\r\n"));
    EXPECT_THAT(
        text, HasSubstr("To: a@example.org,\r\n \"B \\\"the\\\" Second\" <b@example.org>\r\n")
    );
    EXPECT_THAT(text, HasSubstr("\r\nSubject: Hello\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nAuto-Submitted: auto-generated\r\n"));
    EXPECT_THAT(text, ::testing::EndsWith("\r\n\r\none\r\ntwo\r\n"));
}

TEST(MailText, OfOneEventHasOneMessageId) {
    const auto id = [](const Mail& mail) {
        const auto text = mail_text(mail);
        const auto at = text.find("Message-ID: ");
        return text.substr(at, text.find("\r\n", at) - at);
    };
    auto later = plain();
    later.time += std::chrono::hours{1};
    EXPECT_EQ(id(plain()), id(later));
    later.id = "key-2";
    EXPECT_NE(id(plain()), id(later));
    EXPECT_THAT(id(later), ::testing::EndsWith("@example.org>"));
}

TEST(MailText, EncodesWhatIsNotAscii) {
    auto mail = plain();
    mail.subject = "Grüße";
    mail.from.name = "Öfen";
    mail.body = "é=x ";
    const auto text = mail_text(mail);
    EXPECT_THAT(text, HasSubstr("Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n"));
    EXPECT_THAT(text, HasSubstr("From: =?UTF-8?B?w5ZmZW4=?= <kiln@example.org>\r\n"));
    EXPECT_THAT(text, ::testing::EndsWith("\r\n\r\n=C3=A9=3Dx=20\r\n"));
}

TEST(MailText, NobodyAddsAHeaderFieldThroughIt) {
    const std::string sly = "x\r\nBcc: everybody@example.org";
    auto by_subject = plain();
    by_subject.subject = sly;
    EXPECT_EQ(kind_of([&] { (void)mail_text(by_subject); }), ErrorKind::invalid);
    auto by_name = plain();
    by_name.to[0].name = sly + "é";
    EXPECT_EQ(kind_of([&] { (void)mail_text(by_name); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { (void)parse_mail_address("a\r\nb <a@b>"); }), ErrorKind::invalid);
}

TEST(MailOf, PutsAnEventsFieldsIntoTheBodyAndOneLineIntoTheSubject) {
    Event event;
    event.kind = Kind::work_failed;
    event.key = "k";
    event.time = kTime;
    event.work = "bake";
    event.name = "bake-1";
    event.error = "line one\r\nBcc: everybody@example.org";
    const auto mail = mail_of(event, {.from = {"", "k@x"}, .to = {{"", "a@x"}}}, Texts{});
    EXPECT_EQ(mail.subject, "[kiln] Failed: bake bake-1 (line one  Bcc: everybody@example.org)");
    EXPECT_THAT(mail.body, HasSubstr("\nname: bake-1\n"));
    EXPECT_THAT(mail.body, HasSubstr("\ntime: 1994-11-06T08:49:37.000Z\n"));
    const auto text = mail_text(mail);
    const auto header = text.substr(0, text.find("\r\n\r\n"));
    EXPECT_THAT(header, Not(HasSubstr("\nBcc")));
}

TEST(MailOf, CutsALongSubjectBetweenCharacters) {
    Event event;
    event.kind = Kind::work_failed;
    event.key = "k";
    for (int i = 0; i < 300; ++i) {
        event.error += "é";
    }
    const auto mail = mail_of(event, {.from = {"", "k@x"}, .to = {{"", "a@x"}}}, Texts{});
    EXPECT_LE(mail.subject.size(), 203U);
    EXPECT_THAT(mail.subject, ::testing::EndsWith("é…"));
    for (const auto& line : {mail_text(mail)}) {
        EXPECT_THAT(line, HasSubstr("?=\r\n =?UTF-8?B?"));
    }
}

TEST(HeaderText, ThatLooksEncodedIsEncoded) {
    EXPECT_THAT(header_text("=?UTF-8?B?eA==?=", 0), Not(HasSubstr("eA==")));
}

TEST(QuotedPrintable, HasNoLineOverSeventySix) {
    const auto text = quoted_printable(std::string(300, 'x') + std::string(100, '=') + "\n.\n");
    std::size_t at = 0;
    for (auto end = text.find("\r\n"); end != std::string::npos; end = text.find("\r\n", at)) {
        EXPECT_LE(end - at, 76U);
        at = end + 2;
    }
    EXPECT_THAT(text, ::testing::EndsWith("\r\n.\r\n"));
}

struct AddressRow {
    std::string name, text;
    std::optional<MailAddress> read;
};

class Address : public ::testing::TestWithParam<AddressRow> {};

TEST_P(Address, IsReadOrRefused) {
    const auto& row = GetParam();
    if (!row.read) {
        EXPECT_EQ(kind_of([&] { (void)parse_mail_address(row.text); }), ErrorKind::invalid);
        return;
    }
    const auto read = parse_mail_address(row.text);
    EXPECT_EQ(read.name, row.read->name);
    EXPECT_EQ(read.address, row.read->address);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Address,
    ::testing::Values(
        AddressRow{"Bare", "a@b.example", MailAddress{"", "a@b.example"}},
        AddressRow{"Named", "A B <a@b>", MailAddress{"A B", "a@b"}},
        AddressRow{"Quoted", "\"A, B\" <a@b>", MailAddress{"A, B", "a@b"}},
        AddressRow{"NotAscii", "Öfen <a@b>", MailAddress{"Öfen", "a@b"}},
        AddressRow{"Empty", "", std::nullopt},
        AddressRow{"NoAt", "a", std::nullopt},
        AddressRow{"TwoAts", "a@b@c", std::nullopt},
        AddressRow{"Nobody", "@b", std::nullopt},
        AddressRow{"Nowhere", "a@", std::nullopt},
        AddressRow{"Two", "a@b,c@d", std::nullopt},
        AddressRow{"ABlank", "a b@c", std::nullopt},
        AddressRow{"ALineBreak", "a@b\nRCPT TO:<c@d>", std::nullopt},
        AddressRow{"AnotherEnvelope", "a@b> SIZE=1 <x", std::nullopt},
        AddressRow{"AddressNotAscii", "é@b", std::nullopt}
    ),
    [](const auto& tested) { return tested.param.name; }
);

}  // namespace
}  // namespace kiln::notify
