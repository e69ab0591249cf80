#include "bake/request.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::bake {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A good request with one part replaced: what is wrong must be found, and found there.
struct Row {
    const char* name;
    const char* pointer;  ///< JSON pointer of what is replaced or added
    std::string value;    ///< JSON; "" takes the part out
    const char* where;    ///< the problem's path
    const char* word;     ///< a word of what is said
};

json::value good() {
    return parse_json(R"({
        "name": "web@main@42", "description": "the web", "parent": {"name": "debian-12"},
        "bootstrap": {
            "source": "/src", "commands": ["./a", {"run": "./b", "always": true}],
            "environment": {"A": "1"}, "network": "host",
            "limits": {"memory_bytes": 8388608, "processes": 10, "seconds": 60, "idle_seconds": 5}
        },
        "volume": {"size_gib": 8}, "tags": {"team": "web"}, "share_with": ["111122223333"],
        "logs": {"destination": "/logs", "files": ["/var/log/a"]},
        "deadline_seconds": 60, "keep_on_failure": false, "rebake": false, "checkpoints": true,
        "boot_test": true, "boot_marker": "login:", "keep": ["machine-id"]
    })");
}

/// Sets or removes what the pointer names; its parent must exist.
void replace(json::value& document, std::string_view pointer, const std::string& value) {
    if (pointer.empty()) {
        document = parse_json(value);
        return;
    }
    const auto slash = pointer.rfind('/');
    auto& object = document.at_pointer(pointer.substr(0, slash)).as_object();
    if (value.empty()) {
        object.erase(pointer.substr(slash + 1));
    } else {
        object[pointer.substr(slash + 1)] = parse_json(value);
    }
}

std::string quoted_times(const char* text, std::size_t count) {
    std::string out = "\"";
    for (std::size_t i = 0; i < count; ++i) {
        out += text;
    }
    return out + "\"";
}

std::string list_of(const std::string& item, std::size_t count) {
    std::string out = "[";
    for (std::size_t i = 0; i < count; ++i) {
        out += (i != 0 ? "," : "") + item;
    }
    return out + "]";
}

class MalformedRequest : public ::testing::TestWithParam<Row> {};

TEST_P(MalformedRequest, IsRefusedWithTheFieldsName) {
    const auto& row = GetParam();
    auto document = good();
    replace(document, row.pointer, row.value);
    try {
        (void)parse_request(document, "/base");
        FAIL() << "was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        const auto found = std::find_if(
            error.problems().begin(),
            error.problems().end(),
            [&](const Problem& problem) { return problem.where == row.where; }
        );
        ASSERT_NE(found, error.problems().end()) << error.message();
        EXPECT_THAT(found->what, HasSubstr(row.word));
        EXPECT_THAT(error.message(), HasSubstr(row.where));
    }
}

// clang-format off
const Row kRows[] = {
    {"Null", "", "null", "document", "must be an object"},
    {"List", "", "[]", "document", "must be an object, not an array"},
    {"Text", "", "\"x\"", "document", "must be an object, not a string"},
    {"UnknownKey", "/nmae", "\"x\"", "nmae", "did you mean \"name\""},
    {"NameMissing", "/name", "", "name", "is required"},
    {"NameNull", "/name", "null", "name", "is required"},
    {"NameNumber", "/name", "7", "name", "must be a string, not a number"},
    {"NameEmpty", "/name", "\"\"", "name", "3"},
    {"NameShort", "/name", "\"ab\"", "name", "3"},
    {"NameLong", "/name", quoted_times("x", 129), "name", "128"},
    {"NameAlphabet", "/name", "\"web#1\"", "name", "#"},
    {"NameNotAscii", "/name", "\"w\\u00e9b\"", "name", "byte 0xc3"},
    {"NameNul", "/name", "\"we\\u0000b\"", "name", "not allowed"},
    {"DescriptionList", "/description", "[]", "description", "must be a string"},
    {"DescriptionLong", "/description", quoted_times("x", 256), "description", "255"},
    {"ParentMissing", "/parent", "", "parent", "is required"},
    {"ParentText", "/parent", "\"debian\"", "parent", "must be an object"},
    {"ParentEmpty", "/parent", "{}", "parent", "exactly one of"},
    {"ParentTwo", "/parent", R"({"name": "abc", "id": "ami-0123456789abcdef0"})", "parent", "not two"},
    {"ParentThree", "/parent", R"({"name": "abc", "id": "ami-0123456789abcdef0", "queries": [{"name": "x"}]})", "parent", "not three"},
    {"ParentUnknownKey", "/parent", R"({"nane": "abc"})", "parent.nane", "did you mean \"name\""},
    {"ParentIdForm", "/parent", R"({"id": "ami-1"})", "parent.id", "ami-0123456789abcdef0"},
    {"ParentIdUpper", "/parent", R"({"id": "ami-0123456789ABCDEF0"})", "parent.id", "looks like"},
    {"ParentIdOther", "/parent", R"({"id": "snap-0123456789abcdef0"})", "parent.id", "looks like"},
    {"ParentIdNumber", "/parent", R"({"id": 1})", "parent.id", "must be a string"},
    {"ParentNameShort", "/parent", R"({"name": "x"})", "parent.name", "3"},
    {"QueriesObject", "/parent", R"({"queries": {"name": "x"}})", "parent.queries", "must be an array"},
    {"QueriesNone", "/parent", R"({"queries": []})", "parent.queries", "1 to 20"},
    {"QueriesMany", "/parent", R"({"queries": )" + list_of(R"({"name": "x"})", 21) + "}", "parent.queries", "1 to 20"},
    {"QueryText", "/parent", R"({"queries": ["x"]})", "parent.queries[0]", "must be an object"},
    {"QueryEmpty", "/parent", R"({"queries": [{}]})", "parent.queries[0]", "at least one filter"},
    {"QueryUnknownFilter", "/parent", R"({"queries": [{"name": "x"}, {"arch": "x"}]})", "parent.queries[1].arch", "architecture"},
    {"QueryNearFilter", "/parent", R"({"queries": [{"onwer": "x"}]})", "parent.queries[0].onwer", "did you mean \"owner\""},
    {"QueryTagWithoutKey", "/parent", R"({"queries": [{"tag:": "x"}]})", "parent.queries[0].tag:", "unknown filter"},
    {"QueryNumber", "/parent", R"({"queries": [{"name": 1}]})", "parent.queries[0].name", "string or a list"},
    {"QueryNoValues", "/parent", R"({"queries": [{"name": []}]})", "parent.queries[0].name", "1 to 200"},
    {"QueryManyValues", "/parent", R"({"queries": [{"name": )" + list_of("\"x\"", 201) + "}]}", "parent.queries[0].name", "1 to 200"},
    {"QueryEmptyValue", "/parent", R"({"queries": [{"tag:a": ["x", ""]}]})", "parent.queries[0].tag:a[1]", "1 to 255"},
    {"QueryValueNumber", "/parent", R"({"queries": [{"owner": ["x", 2]}]})", "parent.queries[0].owner[1]", "must be a string"},
    {"QueryImageId", "/parent", R"({"queries": [{"image-id": "x"}]})", "parent.queries[0].image-id", "looks like"},
    {"BootstrapMissing", "/bootstrap", "", "bootstrap", "is required"},
    {"BootstrapList", "/bootstrap", "[]", "bootstrap", "must be an object"},
    {"BootstrapUnknownKey", "/bootstrap/comands", "[]", "bootstrap.comands", "did you mean \"commands\""},
    {"SourceEmpty", "/bootstrap/source", "\"\"", "bootstrap.source", "1 to 4095"},
    {"SourceNumber", "/bootstrap/source", "5", "bootstrap.source", "must be a string"},
    {"SourceNul", "/bootstrap/source", "\"/a\\u0000b\"", "bootstrap.source", "NUL"},
    {"SourceLong", "/bootstrap/source", quoted_times("x", 5000), "bootstrap.source", "4095"},
    {"SourceLongByBase", "/bootstrap/source", quoted_times("x", 4093), "bootstrap.source", "whole path"},
    {"SourceS3", "/bootstrap/source", "\"s3://bucket/x/\"", "bootstrap.source", "object storage"},
    {"SourceFileUrl", "/bootstrap/source", "\"file:///x\"", "bootstrap.source", "without file://"},
    {"SourceFtp", "/bootstrap/source", "\"ftp://h/x.tar\"", "bootstrap.source", "use https://"},
    {"SourceHttp", "/bootstrap/source", "\"http://example.org/x.tar\"", "bootstrap.source", "this machine alone"},
    {"SourceHttpFakeLoopback", "/bootstrap/source", "\"http://127.0.0.1.example.org/x.tar\"", "bootstrap.source", "this machine alone"},
    {"SourceUrlNoHost", "/bootstrap/source", "\"https:///x.tar\"", "bootstrap.source", "no host"},
    {"SourceUrlBlank", "/bootstrap/source", "\"https://h/a b\"", "bootstrap.source", "percent-encoded"},
    {"SourceHashShort", "/bootstrap/source", "\"https://h/x.tar#sha256=abc\"", "bootstrap.source", "64 hex digits"},
    {"SourceHashDigits", "/bootstrap/source", "\"https://h/x.tar#sha256=" + std::string(64, 'g') + "\"", "bootstrap.source", "64 hex digits"},
    {"SourceHashKind", "/bootstrap/source", "\"https://h/x.tar#md5=abc\"", "bootstrap.source", "sha256="},
    {"CommandsMissing", "/bootstrap/commands", "", "bootstrap.commands", "./install.sh"},
    {"CommandsNone", "/bootstrap/commands", "[]", "bootstrap.commands", "at least one command"},
    {"CommandsText", "/bootstrap/commands", "\"./x\"", "bootstrap.commands", "must be an array"},
    {"CommandsMany", "/bootstrap/commands", list_of("\"x\"", 501), "bootstrap.commands", "at most 500"},
    {"CommandNumber", "/bootstrap/commands", "[\"a\", 3]", "bootstrap.commands[1]", "not a number"},
    {"CommandNull", "/bootstrap/commands", "[null]", "bootstrap.commands[0]", "not null"},
    {"CommandEmpty", "/bootstrap/commands", "[\"\"]", "bootstrap.commands[0]", "empty"},
    {"CommandBlank", "/bootstrap/commands", "[\" \\n\"]", "bootstrap.commands[0]", "empty"},
    {"CommandNul", "/bootstrap/commands", "[\"a\\u0000b\"]", "bootstrap.commands[0]", "NUL"},
    {"CommandLong", "/bootstrap/commands", "[" + quoted_times("x", 131'072) + "]", "bootstrap.commands[0]", "128 KiB"},
    {"CommandRunMissing", "/bootstrap/commands", R"([{"always": true}])", "bootstrap.commands[0].run", "is required"},
    {"CommandRunEmpty", "/bootstrap/commands", R"(["a", {"run": ""}])", "bootstrap.commands[1].run", "empty"},
    {"CommandRunList", "/bootstrap/commands", R"([{"run": ["a"]}])", "bootstrap.commands[0].run", "must be a string"},
    {"CommandAlwaysWord", "/bootstrap/commands", R"([{"run": "a", "always": "yes"}])", "bootstrap.commands[0].always", "true or false"},
    {"CommandUnknownKey", "/bootstrap/commands", R"([{"run": "a", "allways": true}])", "bootstrap.commands[0].allways", "did you mean \"always\""},
    {"EnvironmentList", "/bootstrap/environment", "[]", "bootstrap.environment", "must be an object"},
    {"EnvironmentNumber", "/bootstrap/environment", R"({"A": 1})", "bootstrap.environment.A", "must be a string"},
    {"EnvironmentNameDigit", "/bootstrap/environment", R"({"1A": "x"})", "bootstrap.environment.1A", "begin with a digit"},
    {"EnvironmentNameEmpty", "/bootstrap/environment", R"({"": "x"})", "bootstrap.environment.", "letters"},
    {"EnvironmentNameEquals", "/bootstrap/environment", R"({"A=B": "x"})", "bootstrap.environment.A=B", "letters"},
    {"EnvironmentValueNul", "/bootstrap/environment", R"({"A": "x\u0000"})", "bootstrap.environment.A", "NUL"},
    {"EnvironmentValueLong", "/bootstrap/environment", "{\"A\": " + quoted_times("x", 131'070) + "}", "bootstrap.environment.A", "128 KiB"},
    {"NetworkWord", "/bootstrap/network", "\"hots\"", "bootstrap.network", "did you mean \"host\""},
    {"NetworkBool", "/bootstrap/network", "false", "bootstrap.network", "must be a string"},
    {"LimitsNumber", "/bootstrap/limits", "5", "bootstrap.limits", "must be an object"},
    {"LimitsUnknownKey", "/bootstrap/limits/memory", "5", "bootstrap.limits.memory", "unknown key"},
    {"MemoryZero", "/bootstrap/limits/memory_bytes", "0", "bootstrap.limits.memory_bytes", "4194304"},
    {"MemoryNegative", "/bootstrap/limits/memory_bytes", "-1", "bootstrap.limits.memory_bytes", "not -1"},
    {"MemoryLittle", "/bootstrap/limits/memory_bytes", "4194303", "bootstrap.limits.memory_bytes", "4194304"},
    {"MemoryHuge", "/bootstrap/limits/memory_bytes", "1125899906842625", "bootstrap.limits.memory_bytes", "1125899906842624"},
    {"MemoryBeyond64Bits", "/bootstrap/limits/memory_bytes", "18446744073709551615", "bootstrap.limits.memory_bytes", "whole number"},
    {"MemoryBeyondDouble", "/bootstrap/limits/memory_bytes", "1e300", "bootstrap.limits.memory_bytes", "whole number"},
    {"MemoryText", "/bootstrap/limits/memory_bytes", "\"2GiB\"", "bootstrap.limits.memory_bytes", "not a string"},
    {"ProcessesZero", "/bootstrap/limits/processes", "0", "bootstrap.limits.processes", "from 1 to 1000000"},
    {"ProcessesFraction", "/bootstrap/limits/processes", "1.5", "bootstrap.limits.processes", "whole number"},
    {"SecondsZero", "/bootstrap/limits/seconds", "0", "bootstrap.limits.seconds", "604800"},
    {"SecondsHuge", "/bootstrap/limits/seconds", "604801", "bootstrap.limits.seconds", "604800"},
    {"IdleNegative", "/bootstrap/limits/idle_seconds", "-5", "bootstrap.limits.idle_seconds", "not -5"},
    {"VolumeNumber", "/volume", "8", "volume", "must be an object"},
    {"VolumeUnknownKey", "/volume", R"({"size": 8})", "volume.size", "unknown key"},
    {"SizeZero", "/volume", R"({"size_gib": 0})", "volume.size_gib", "from 1 to 65536"},
    {"SizeNegative", "/volume", R"({"size_gib": -8})", "volume.size_gib", "not -8"},
    {"SizeHuge", "/volume", R"({"size_gib": 65537})", "volume.size_gib", "from 1 to 65536"},
    {"SizeFraction", "/volume", R"({"size_gib": 0.5})", "volume.size_gib", "whole number"},
    {"SizeText", "/volume", R"({"size_gib": "8"})", "volume.size_gib", "not a string"},
    {"TagsList", "/tags", "[\"a\"]", "tags", "must be an object"},
    {"TagNumber", "/tags", R"({"a": 1})", "tags.a", "must be a string"},
    {"TagReserved", "/tags", R"({"aws:x": "1"})", "tags.aws:x", "aws:"},
    {"ShareText", "/share_with", "\"111122223333\"", "share_with", "must be an array"},
    {"ShareShort", "/share_with", "[\"1111\"]", "share_with[0]", "12 digits"},
    {"ShareLetters", "/share_with", "[\"111122223333\", \"11112222333x\"]", "share_with[1]", "12 digits"},
    {"ShareNumber", "/share_with", "[111122223333]", "share_with[0]", "must be a string"},
    {"ShareTwice", "/share_with", "[\"111122223333\", \"111122223333\"]", "share_with[1]", "stands twice"},
    {"LogsText", "/logs", "\"/x\"", "logs", "must be an object"},
    {"LogsUnknownKey", "/logs", R"({"file": []})", "logs.file", "did you mean \"files\""},
    {"LogsS3", "/logs/destination", "\"s3://b/x\"", "logs.destination", "object storage"},
    {"LogsHttps", "/logs/destination", "\"https://h/x\"", "logs.destination", "file://"},
    {"LogsEmpty", "/logs/destination", "\"\"", "logs.destination", "1 to"},
    {"LogsFileHost", "/logs/destination", "\"file://host/x\"", "logs.destination", "file:///"},
    {"LogsNul", "/logs/destination", "\"/a\\u0000\"", "logs.destination", "NUL"},
    {"LogFileRelative", "/logs/files", "[\"var/log/x\"]", "logs.files[0]", "absolute"},
    {"LogFileDotDot", "/logs/files", "[\"/var/log/../../etc/shadow\"]", "logs.files[0]", "`..`"},
    {"LogFileFolder", "/logs/files", "[\"/var/log/\"]", "logs.files[0]", "not a folder"},
    {"LogFileNul", "/logs/files", "[\"/a\", \"/b\\u0000\"]", "logs.files[1]", "NUL"},
    {"LogFileTwice", "/logs/files", "[\"/a\", \"/a\"]", "logs.files[1]", "stands twice"},
    {"LogFilesText", "/logs/files", "\"/a\"", "logs.files", "must be an array"},
    {"LogFilesMany", "/logs/files", list_of("\"/a\"", 101), "logs.files", "at most 100"},
    {"ReplyToName", "/reply_to", "\"a queue\"", "reply_to", "one looks like"},
    {"ReplyToEmpty", "/reply_to", "\"\"", "reply_to", "one looks like"},
    {"ReplyToNumber", "/reply_to", "1", "reply_to", "must be a string"},
    {"ReplyToScheme", "/reply_to", "\"ftp://h/q\"", "reply_to", "one looks like"},
    {"DeadlineZero", "/deadline_seconds", "0", "deadline_seconds", "from 1 to 604800"},
    {"DeadlineHuge", "/deadline_seconds", "604801", "deadline_seconds", "from 1 to 604800"},
    {"DeadlineText", "/deadline_seconds", "\"1h\"", "deadline_seconds", "not a string"},
    {"KeepOnFailureWord", "/keep_on_failure", "\"yes\"", "keep_on_failure", "true or false"},
    {"RebakeNumber", "/rebake", "1", "rebake", "true or false"},
    {"CheckpointsText", "/checkpoints", "\"no\"", "checkpoints", "true or false"},
    {"BootTestList", "/boot_test", "[]", "boot_test", "true or false"},
    {"MarkerWithoutTest", "/boot_test", "false", "boot_marker", "boot_test"},
    {"MarkerEmpty", "/boot_marker", "\"\"", "boot_marker", "1 to 1000"},
    {"MarkerTwoLines", "/boot_marker", "\"a\\nb\"", "boot_marker", "one line"},
    {"KeepText", "/keep", "\"machine-id\"", "keep", "must be an array"},
    {"KeepUnknown", "/keep", "[\"machine_id\"]", "keep[0]", "did you mean \"machine-id\""},
    {"KeepTwice", "/keep", "[\"random-seed\", \"random-seed\"]", "keep[1]", "stands twice"},
    {"TooLong", "/bootstrap/commands", list_of(quoted_times("x", 100'000), 2), "document", "160"},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Row, MalformedRequest, ::testing::ValuesIn(kRows), [](const auto& row) {
    return row.param.name;
});

TEST(RequestProblems, AreCollectedNotReportedOneByOne) {
    auto document = good();
    replace(document, "/name", "\"x\"");
    replace(document, "/parent", "{}");
    replace(document, "/bootstrap/commands", "[]");
    replace(document, "/volume", R"({"size_gib": 0})");
    replace(document, "/surprise", "1");
    try {
        (void)parse_request(document, "/");
        FAIL() << "was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.problems().size(), 5U) << error.message();
    }
}

TEST(RequestProblems, ShowNoSecrets) {
    auto document = good();
    replace(document, "/bootstrap/environment", R"({"TOKEN": "s3cret\u0000", "1X": "s3cret"})");
    replace(document, "/bootstrap/source", "\"http://me:s3cret@example.org/x?token=s3cret\"");
    try {
        (void)parse_request(document, "/");
        FAIL() << "was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.problems().size(), 3U);
        EXPECT_THAT(error.message(), Not(HasSubstr("s3cret")));
    }
}

}  // namespace

}  // namespace kiln::bake
