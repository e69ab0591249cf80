#include "aws/queue_url.hpp"

#include "aws/location.hpp"
#include "base/testing/kind_of.hpp"

#include <vector>

#include <gmock/gmock.h>

namespace kiln::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(QueueUrl, IsTakenApartAndTellsItsRegion) {
    const std::vector<std::pair<std::string, QueueUrl>> rows{
        {"https://sqs.eu-west-1.amazonaws.com/111122223333/q",
         {"https://sqs.eu-west-1.amazonaws.com", "eu-west-1", "111122223333", "q"}},
        {"https://sqs.cn-north-1.amazonaws.com.cn/111122223333/q.fifo",
         {"https://sqs.cn-north-1.amazonaws.com.cn", "cn-north-1", "111122223333", "q.fifo"}},
        {"http://127.0.0.1:7420/000000000000/q",
         {"http://127.0.0.1:7420", "", "000000000000", "q"}},
        {"https://sqs.a.evil.example/111122223333/q",
         {"https://sqs.a.evil.example", "", "111122223333", "q"}},
        {"http://sqs.eu-west-1.amazonaws.com/111122223333/q",
         {"http://sqs.eu-west-1.amazonaws.com", "", "111122223333", "q"}},
    };
    for (const auto& [text, url] : rows) {
        EXPECT_EQ(parse_queue_url(text), url) << text;
    }
}

TEST(QueueUrl, IsRefusedWithWhatOneLooksLike) {
    for (const auto* text :
         {"https://sqs.eu-west-1.amazonaws.com/q",
          "https://sqs.eu-west-1.amazonaws.com/11112222333/q",
          "https://sqs.eu-west-1.amazonaws.com/111122223333/",
          "https://sqs.eu-west-1.amazonaws.com/111122223333/q/r",
          "https://sqs.eu-west-1.amazonaws.com/111122223333/q?a=hunter2",
          "https://u:hunter2@sqs.eu-west-1.amazonaws.com/111122223333/q",
          "ftp://sqs.eu-west-1.amazonaws.com/111122223333/q"}) {
        const auto error = error_of([&] { (void)parse_queue_url(text); });
        ASSERT_TRUE(error) << text;
        EXPECT_EQ(error->kind(), ErrorKind::invalid);
        EXPECT_THAT(error->message(), Not(HasSubstr("hunter2")));
        EXPECT_THAT(error->hint(), HasSubstr("ACCOUNT/NAME"));
    }
}

/// Where a queue is reached that a request named by its URL.
class LocateUrl : public ::testing::Test {
  protected:
    static Location of(const std::string& url, Variables more = {}) {
        Variables environment{{"AWS_REGION", "us-east-1"}};
        environment.merge(more);
        return locate_queue(parse_queue_url(url), environment, {});
    }
};

TEST_F(LocateUrl, OfAwsIsItsOwnRegion) {
    EXPECT_EQ(
        of("https://sqs.eu-west-1.amazonaws.com/111122223333/q"),
        (Location{"eu-west-1", "https://sqs.eu-west-1.amazonaws.com"})
    );
}

TEST_F(LocateUrl, OfTheConfiguredEndpointIsThatOne) {
    EXPECT_EQ(
        of("http://127.0.0.1:1/111122223333/q", {{"AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1"}}),
        (Location{"us-east-1", "http://127.0.0.1:1"})
    );
}

TEST_F(LocateUrl, OfAnyOtherHostIsRefused) {
    const auto error = error_of([&] { (void)of("http://127.0.0.1:1/111122223333/q"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::denied);
    EXPECT_THAT(error->hint(), HasSubstr("AWS_ENDPOINT_URL_SQS"));
}

}  // namespace
}  // namespace kiln::aws
