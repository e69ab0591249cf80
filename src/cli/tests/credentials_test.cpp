#include "cli/credentials.hpp"

#include "base/testing/kind_of.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

namespace kiln::cli {
namespace {

using ::kiln::kind_of;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class CredentialsFile : public ::testing::Test {
  protected:
    void write(const std::string& text, unsigned mode = 0600) {
        os::write_file_durably(file, text, mode);
    }

    [[nodiscard]] unsigned mode() const {
        struct stat status {};

        EXPECT_EQ(::stat(file.c_str(), &status), 0);
        return status.st_mode & 07777U;
    }

    [[nodiscard]] std::string message() const {
        try {
            (void)load_credentials(folder.path());
        } catch (const Error& error) {
            return error.message() + "\n" + error.hint();
        }
        return "no error";
    }

    os::TempDir folder = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-test");
    std::filesystem::path file = credentials_file(folder.path());
};

TEST_F(CredentialsFile, IsMadeOnceForTheOwnerAlone) {
    const auto made = load_or_make_credentials(folder.path());
    EXPECT_EQ(mode(), 0600U);
    EXPECT_EQ(load_or_make_credentials(folder.path()), made);
    EXPECT_EQ(load_credentials(folder.path()), made);
}

TEST_F(CredentialsFile, LooksAsAwsClientsExpect) {
    const auto made = random_credentials();
    EXPECT_THAT(made.token, MatchesRegex("[A-Za-z0-9_-]{43}"));
    EXPECT_THAT(made.access_key_id, MatchesRegex("AKIA[A-Z2-7]{16}"));
    EXPECT_THAT(made.secret_access_key, MatchesRegex("[A-Za-z0-9+/]{40}"));
    EXPECT_NE(random_credentials(), made);
}

TEST_F(CredentialsFile, ThatIsNotThereSaysWhoMakesIt) {
    EXPECT_EQ(kind_of([&] { (void)load_credentials(folder.path()); }), ErrorKind::not_found);
    EXPECT_THAT(message(), HasSubstr("kiln serve makes them"));
}

TEST_F(CredentialsFile, ThatIsDamagedIsRefusedWithTheRemedyAndIsKept) {
    for (const auto* text :
         {"",
          "{",
          "[]",
          R"({"token": "t"})",
          R"({"token": "t", "access_key_id": 3, "secret_access_key": "s"})",
          R"({"token": "", "access_key_id": "a", "secret_access_key": "s"})",
          R"({"token": "t", "access_key_id": "a", "secret_access_key": "s", "more": 1})"}) {
        write(text);
        EXPECT_EQ(
            kind_of([&] { (void)load_or_make_credentials(folder.path()); }), ErrorKind::corrupt
        ) << text;
        EXPECT_THAT(message(), HasSubstr("remove it: the next kiln serve makes new ones"));
        EXPECT_EQ(os::read_file(file), text);
    }
}

TEST_F(CredentialsFile, ThatOthersMayReadIsRefused) {
    (void)load_or_make_credentials(folder.path());
    std::filesystem::permissions(file, std::filesystem::perms{0640});
    EXPECT_EQ(kind_of([&] { (void)load_credentials(folder.path()); }), ErrorKind::denied);
    EXPECT_THAT(message(), HasSubstr("chmod 600"));
}

TEST_F(CredentialsFile, LeftUnfinishedByADeadProcessGoesWithTheNextStart) {
    const auto leftover = folder.path() / ".credentials.json.abcdef.new";
    os::write_file_durably(leftover, "{");
    (void)load_or_make_credentials(folder.path());
    EXPECT_FALSE(std::filesystem::exists(leftover));
}

TEST_F(CredentialsFile, TheKeyOfTokensIsMadeOnceForTheOwnerAlone) {
    const auto key = load_or_make_token_key(folder.path());
    EXPECT_EQ(key.size(), 32U);
    EXPECT_EQ(load_or_make_token_key(folder.path()), key);
    EXPECT_NE(key, std::string(32, '\0'));
    os::write_file_durably(folder.path() / "tokens.key", "short", 0600);
    EXPECT_EQ(kind_of([&] { (void)load_or_make_token_key(folder.path()); }), ErrorKind::corrupt);
}

TEST(CredentialsText, IsReadyToBeUsed) {
    const Credentials credentials{"tok", "AKIAX", "sec"};
    EXPECT_EQ(
        credentials_text(credentials, CredentialsFormat::env, "http://127.0.0.1:1"),
        "export AWS_ACCESS_KEY_ID=AKIAX\nexport AWS_SECRET_ACCESS_KEY=sec\n"
        "export AWS_DEFAULT_REGION=us-east-1\nexport AWS_ENDPOINT_URL=http://127.0.0.1:1\n"
        "export KILN_SERVER_URL=http://127.0.0.1:1\nexport KILN_TOKEN=tok\n"
    );
    EXPECT_EQ(
        credentials_text(credentials, CredentialsFormat::aws, ""),
        "[kiln]\naws_access_key_id = AKIAX\naws_secret_access_key = sec\nregion = us-east-1\n"
    );
    EXPECT_THAT(
        credentials_text(credentials, CredentialsFormat::json, ""),
        HasSubstr("\"endpoint_url\": null")
    );
}

}  // namespace
}  // namespace kiln::cli
