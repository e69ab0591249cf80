#include "base/error.hpp"
#include "net/download.hpp"
#include "net/tests/identity.hpp"
#include "net/tests/test_server.hpp"

#include <cstdlib>
#include <fstream>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::net {

namespace {

using ::testing::HasSubstr;
using testing::Identity;
using testing::TestServer;

class Https : public ::testing::Test {
  protected:
    void SetUp() override {
        ::unsetenv("CURL_CA_BUNDLE");
        ::unsetenv("SSL_CERT_FILE");
    }

    void TearDown() override { ::unsetenv("SSL_CERT_FILE"); }

    void trust() {
        identity_.save(folder_.path() / "ca.pem");
        ::setenv("SSL_CERT_FILE", (folder_.path() / "ca.pem").c_str(), 1);
    }

    void get(const std::string& url) {
        download(
            {url, {}, {1U << 20}},
            folder_.path() / "file",
            {},
            {},
            Deadline::after(std::chrono::seconds{30})
        );
    }

    testing::Folder folder_;
    Identity identity_;
};

TEST_F(Https, ServerThatNobodyVouchesForIsRefused) {
    TestServer server{[](const auto&) { return TestServer::ok("secret"); }, identity_.context()};
    try {
        get(server.url("/x"));
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::denied);
        EXPECT_THAT(error.message(), HasSubstr("certificate"));
        EXPECT_THAT(error.hint(), HasSubstr("SSL_CERT_FILE"));
    }
    EXPECT_TRUE(server.requests().empty()) << "nothing was asked of it";
}

TEST_F(Https, AuthorityNamedInTheEnvironmentIsTrusted) {
    trust();
    TestServer server{[](const auto&) { return TestServer::ok("hello"); }, identity_.context()};
    get(server.url("/x"));
    EXPECT_EQ(std::filesystem::file_size(folder_.path() / "file"), 5U);
}

TEST_F(Https, CertificateOfAnotherNameIsRefused) {
    trust();
    TestServer server{[](const auto&) { return TestServer::ok("hello"); }, identity_.context()};
    auto url = server.url("/x");
    url.replace(url.find("127.0.0.1"), 9, "localhost");
    EXPECT_THROW(get(url), Error);
    EXPECT_TRUE(server.requests().empty());
}

}  // namespace

}  // namespace kiln::net
