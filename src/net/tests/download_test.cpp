#include "net/download.hpp"

#include "base/error.hpp"
#include "base/sha256.hpp"
#include "net/tests/test_server.hpp"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::net {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestServer;

class Downloading : public ::testing::Test {
  protected:
    std::filesystem::path file() const { return folder_.path() / "file"; }

    void get(
        const std::string& url, std::optional<std::string> sha256 = {}, Bytes limit = {1U << 20}
    ) {
        download(
            {url, std::move(sha256), limit},
            file(),
            {},
            {},
            Deadline::after(std::chrono::seconds{30})
        );
    }

    /// Fetches, which must fail and leave no file.
    Error failure(
        const std::string& url, std::optional<std::string> sha256 = {}, Bytes limit = {1U << 20}
    ) {
        try {
            get(url, std::move(sha256), limit);
        } catch (const Error& error) {
            EXPECT_FALSE(std::filesystem::exists(file())) << error.message();
            return error;
        }
        ADD_FAILURE() << "no error";
        return Error{ErrorKind::internal, ""};
    }

    std::string content() const {
        std::ostringstream text;
        text << std::ifstream{file()}.rdbuf();
        return text.str();
    }

    testing::Folder folder_;
};

TEST_F(Downloading, WritesTheBodyToANewFile) {
    TestServer server{[](const auto&) { return TestServer::ok("hello"); }};
    get(server.url("/x"));
    EXPECT_EQ(content(), "hello");
}

TEST_F(Downloading, NeverReplacesAFile) {
    TestServer server{[](const auto&) { return TestServer::ok("hello"); }};
    std::ofstream{file()} << "mine";
    EXPECT_THROW(get(server.url("/x")), Error);
    EXPECT_EQ(content(), "mine");
}

TEST_F(Downloading, ChecksTheHash) {
    TestServer server{[](const auto&) { return TestServer::ok("hello"); }};
    auto upper = sha256("hello");
    std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
    const auto error = failure(server.url("/x"), sha256("other"));
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), HasSubstr(sha256("hello")));
    get(server.url("/x"), upper);
    EXPECT_EQ(content(), "hello");
}

TEST_F(Downloading, RefusesALongerBodyByItsHeader) {
    TestServer server{[](const auto&) { return TestServer::ok(std::string(2000, 'x')); }};
    const auto error = failure(server.url("/x"), {}, {1999});
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), HasSubstr("longer than"));
    get(server.url("/x"), {}, {2000});
}

TEST_F(Downloading, RefusesALongerBodyWithoutALength) {
    TestServer server{[](const auto&) {
        return TestServer::Reply{
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(2000, 'x')};
    }};
    EXPECT_THAT(failure(server.url("/x"), {}, {1999}).message(), HasSubstr("longer than"));
}

TEST_F(Downloading, BodyCutShortIsUnavailable) {
    TestServer server{[](const auto&) {
        return TestServer::Reply{
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nshort"};
    }};
    EXPECT_EQ(failure(server.url("/x")).kind(), ErrorKind::unavailable);
}

struct Status {
    int code;
    ErrorKind kind;
};

TEST_F(Downloading, StatusBecomesAKind) {
    for (const auto& [code, kind] : {
             Status{400, ErrorKind::invalid},
             Status{401, ErrorKind::denied},
             Status{403, ErrorKind::denied},
             Status{404, ErrorKind::not_found},
             Status{410, ErrorKind::not_found},
             Status{408, ErrorKind::unavailable},
             Status{429, ErrorKind::exhausted},
             Status{500, ErrorKind::unavailable},
             Status{503, ErrorKind::unavailable},
             Status{304, ErrorKind::invalid},
         }) {
        TestServer server{[code = code](const auto&) { return TestServer::status(code); }};
        const auto error = failure(server.url("/x"));
        EXPECT_EQ(error.kind(), kind) << code;
        EXPECT_THAT(error.message(), HasSubstr(std::to_string(code)));
    }
}

TEST_F(Downloading, RetryAfterTravelsWithTheError) {
    TestServer server{[](const auto&) { return TestServer::status(503, "Retry-After: 7"); }};
    EXPECT_EQ(failure(server.url("/x")).retry_after(), std::chrono::seconds{7});
}

TEST_F(Downloading, FollowsRedirectsAndKeepsTheirBodiesOut) {
    TestServer server{[](const std::string& request) {
        return request.starts_with("GET /first ") ? TestServer::redirect("/second")
                                                  : TestServer::ok("there");
    }};
    get(server.url("/first"));
    EXPECT_EQ(content(), "there");
}

TEST_F(Downloading, EndlessRedirectsEnd) {
    TestServer server{[](const auto&) { return TestServer::redirect("/again"); }};
    EXPECT_THAT(failure(server.url("/x")).message(), HasSubstr("more than 10 times"));
    EXPECT_EQ(server.requests().size(), 11U);
}

TEST_F(Downloading, RedirectToPlainHttpElsewhereIsRefused) {
    TestServer server{
        [](const auto&) { return TestServer::redirect("http://example.org/x?token=s3cret"); }};
    const auto error = failure(server.url("/x"));
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), HasSubstr("https://"));
    EXPECT_THAT(error.message(), Not(HasSubstr("s3cret")));
}

TEST_F(Downloading, RedirectToAFileIsRefused) {
    TestServer server{[](const auto&) { return TestServer::redirect("file:///etc/passwd"); }};
    EXPECT_EQ(failure(server.url("/x")).kind(), ErrorKind::invalid);
}

TEST_F(Downloading, CredentialsGoToTheirOriginAlone) {
    TestServer other{[](const auto&) { return TestServer::ok("done"); }};
    TestServer server{[&](const std::string& request) {
        return TestServer::redirect(request.starts_with("GET /a ") ? "/b" : other.url("/c"));
    }};
    auto url = server.url("/a");
    url.insert(url.find("127"), "us%40er:pass@");
    get(url);
    EXPECT_EQ(content(), "done");
    ASSERT_EQ(server.requests().size(), 2U);
    const auto* basic = "Authorization: Basic dXNAZXI6cGFzcw==";  // us@er:pass
    EXPECT_THAT(server.requests()[0], HasSubstr(basic));
    EXPECT_THAT(server.requests()[1], HasSubstr(basic));
    EXPECT_THAT(other.requests().at(0), Not(HasSubstr("Authorization")));
}

TEST_F(Downloading, ErrorsShowNeitherUserNorQuery) {
    TestServer server{[](const auto&) { return TestServer::status(404); }};
    auto url = server.url("/x?token=s3cret");
    url.insert(url.find("127"), "me:s3cret@");
    const auto error = failure(url);
    EXPECT_THAT(error.message(), HasSubstr("/x"));
    EXPECT_THAT(error.message(), Not(HasSubstr("s3cret")));
    EXPECT_THAT(error.message(), Not(HasSubstr("me:")));
    EXPECT_THAT(server.requests().at(0), HasSubstr("token=s3cret"));
}

TEST_F(Downloading, PlainHttpElsewhereIsRefusedUnasked) {
    const auto error = failure("http://example.org/x");
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), HasSubstr("use https://"));
}

TEST_F(Downloading, NobodyThereIsUnavailable) {
    std::string url;
    {
        TestServer server{[](const auto&) { return TestServer::ok(""); }};
        url = server.url("/x");
    }
    EXPECT_EQ(failure(url).kind(), ErrorKind::unavailable);
}

TEST_F(Downloading, EndsAtItsDeadline) {
    TestServer server{[](const auto&) { return TestServer::Reply{"HTTP/1.1 200 OK\r\n", true}; }};
    try {
        download(
            {server.url("/x"), {}, {100}},
            file(),
            {},
            {},
            Deadline::after(std::chrono::milliseconds{20})
        );
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::timed_out);
    }
}

TEST_F(Downloading, StopsAtOnceWhenAskedTo) {
    std::stop_source source;
    TestServer server{[&](const auto&) {
        source.request_stop();
        return TestServer::Reply{"HTTP/1.1 200 OK\r\n", true};
    }};
    try {
        download({server.url("/x"), {}, {100}}, file(), {}, source.get_token(), Deadline::never());
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::cancelled);
        EXPECT_FALSE(std::filesystem::exists(file()));
    }
}

TEST_F(Downloading, ProgressReachesTheTotal) {
    TestServer server{[](const auto&) { return TestServer::ok(std::string(500'000, 'x')); }};
    Bytes done, total;
    download(
        {server.url("/x"), {}, {1U << 20}},
        file(),
        [&](Bytes so_far, Bytes all) {
            EXPECT_GE(so_far, done);
            done = so_far;
            total = all;
        },
        {},
        Deadline::never()
    );
    EXPECT_EQ(done.count, 500'000U);
    EXPECT_EQ(total.count, 500'000U);
}

TEST_F(Downloading, ErrorOfTheProgressReceiverEndsIt) {
    TestServer server{[](const auto&) { return TestServer::ok(std::string(500'000, 'x')); }};
    EXPECT_THROW(
        download(
            {server.url("/x"), {}, {1U << 20}},
            file(),
            [](Bytes, Bytes) { throw std::runtime_error{"no"}; },
            {},
            Deadline::never()
        ),
        std::runtime_error
    );
    EXPECT_FALSE(std::filesystem::exists(file()));
}

}  // namespace

}  // namespace kiln::net
