#include "aws/s3_client.hpp"

#include "base/error.hpp"
#include "ports/testing/fake_clock.hpp"

#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::aws {
namespace {

using ::testing::HasSubstr;

/// Answers what was laid ready, and remembers what it was asked.
struct Script {
    std::deque<net::ClientResponse> answers;
    std::vector<net::ClientRequest> asked;

    ClientWorld world(const ports::Clock& clock) {
        return {
            .transport =
                [this](const net::ClientRequest& request, const std::stop_token&) {
                    asked.push_back(request);
                    auto next = std::move(answers.front());
                    answers.pop_front();
                    return next;
                },
            .clock = clock,
            .credentials = std::make_shared<StaticCredentials>(Credentials{"AK", "SK", ""}),
            .pause = [](Duration, const std::stop_token&) {},
            .jitter = [] { return 0.5; }};
    }
};

class S3ClientTest : public ::testing::Test {
  protected:
    ports::testing::FakeClock clock_;
    Script script_;
    S3Client client_{{"eu-west-1", "http://127.0.0.1:9000"}, script_.world(clock_)};
};

TEST_F(S3ClientTest, AnObjectIsAskedForByItsPathSigned) {
    script_.answers = {{200, {}, "bytes"}};
    const auto got = client_.get("b", "a folder/x+y.json", "v1");
    EXPECT_EQ(std::get<std::string>(got), "bytes");
    const auto& request = script_.asked.at(0);
    EXPECT_EQ(request.url, "http://127.0.0.1:9000/b/a%20folder/x%2By.json?versionId=v1");
    EXPECT_THAT(request.headers.value_or("Authorization", ""), HasSubstr("/eu-west-1/s3/"));
    EXPECT_TRUE(request.headers.contains("x-amz-content-sha256"));
}

TEST_F(S3ClientTest, AFailureIsToldWithItsCodeAndIds) {
    script_.answers = {
        {404,
         {},
         "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>The specified key does not "
         "exist.</Message><RequestId>R</RequestId><HostId>H</HostId></Error>"}};
    const auto got = client_.get("b", "k");
    const S3Failure expected{404, "NoSuchKey", "The specified key does not exist.", "R", "H"};
    EXPECT_EQ(std::get<S3Failure>(got), expected);
}

TEST_F(S3ClientTest, AListingIsReadWithTheTokenOfTheNextPage) {
    script_.answers = {
        {200,
         {},
         "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
         "<Name>b</Name><NextContinuationToken>t</NextContinuationToken>"
         "<Contents><Key>a &amp; b</Key><LastModified>2022-11-17T15:44:41.000Z</LastModified>"
         "<ETag>&quot;e&quot;</ETag><Size>34910</Size><StorageClass>STANDARD</StorageClass>"
         "</Contents></ListBucketResult>"}};
    const auto got = client_.list("b", "images/", "s");
    const S3Listing expected{{{"a & b", "\"e\"", 1668699881, 34910, "STANDARD"}}, "t"};
    EXPECT_EQ(std::get<S3Listing>(got), expected);
    EXPECT_EQ(
        script_.asked.at(0).url,
        "http://127.0.0.1:9000/"
        "b?continuation-token=s&encoding-type=url&list-type=2&prefix=images%2F"
    );
}

TEST_F(S3ClientTest, KeysOfAListingAreDecodedWhereTheServiceHasEncodedThem) {
    script_.answers = {
        {200,
         {},
         "<ListBucketResult><EncodingType>url</EncodingType>"
         "<Contents><Key>a++b/%2B%20%C3%A4%0A</Key></Contents></ListBucketResult>"}};
    const auto got = std::get<S3Listing>(client_.list("b", ""));
    ASSERT_EQ(got.objects.size(), 1U);
    EXPECT_EQ(got.objects[0].key, "a  b/+ \xc3\xa4\n");
}

TEST_F(S3ClientTest, AServiceThatIsDownIsAskedAgain) {
    script_.answers = {{503, {}, ""}, {500, {}, ""}, {200, {}, ""}};
    EXPECT_TRUE(std::holds_alternative<S3Client::Done>(client_.put("b", "k", "text")));
    EXPECT_EQ(script_.asked.size(), 3U);
    EXPECT_EQ(script_.asked.at(2).body, "text");
}

TEST_F(S3ClientTest, SomethingElseThanAListingIsNotTakenForAnEmptyOne) {
    script_.answers = {{200, {}, "<html></html>"}};
    EXPECT_THROW((void)client_.list("b", ""), Error);
}

}  // namespace
}  // namespace kiln::aws
