#include "tasks/item_source.hpp"

#include "base/error.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"
#include "tasks/inflate.hpp"

#include <array>
#include <filesystem>

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>

namespace kiln::tasks {
namespace {

using ::testing::HasSubstr;

class Items : public ::testing::Test {
  protected:
    json::value read(const char* config, const std::string& key = "items") {
        return *source_.read(
            {.arn = "arn:aws:states:::s3:getObject", .service = "s3", .action = "getObject"},
            {{"Bucket", bucket()}, {"Key", key}},
            json::parse(config).as_object()
        );
    }

    flow::TaskFailure failure(const char* config, const std::string& key = "items") {
        try {
            (void)read(config, key);
        } catch (const flow::TaskFailure& failed) {
            return failed;
        }
        return {};
    }

    void put(const std::string& key, std::string_view text) {
        const auto file = folder_.path() / key;
        std::filesystem::create_directories(file.parent_path());
        os::write_file_durably(file, text);
    }

    [[nodiscard]] std::string bucket() const { return "file://" + folder_.path().string(); }

    os::TempDir folder_ = os::TempDir::unique(std::filesystem::temp_directory_path(), "items");
    FolderObjects folders_{{folder_.path()}};
    BucketItems source_{nullptr, folders_};
};

struct Case {
    const char* name;
    std::string_view text;
    const char* config;
    const char* items;
};

class ReadingItems : public Items, public ::testing::WithParamInterface<Case> {};

TEST_P(ReadingItems, GivesThem) {
    put("items", GetParam().text);
    EXPECT_EQ(read(GetParam().config), json::parse(GetParam().items));
}

INSTANTIATE_TEST_SUITE_P(
    Formats,
    ReadingItems,
    ::testing::Values(
        Case{"Json", R"([1,{"a":2}])", R"({"InputType":"JSON"})", R"([1,{"a":2}])"},
        Case{
            "JsonBelowAPointer",
            R"({"a":{"b":[1,2]}})",
            R"({"InputType":"JSON","ItemsPointer":"/a/b"})",
            "[1,2]"},
        Case{"JsonLines", "{\"a\":1}\n\n2\r\n", R"({"InputType":"JSONL"})", R"([{"a":1},2])"},
        Case{
            "CsvWithItsHeaders",
            "a,b\n1,\"x, y\"\n2\n",
            R"({"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"})",
            R"([{"a":"1","b":"x, y"},{"a":"2","b":""}])"},
        Case{
            "CsvWithGivenHeaders",
            "1;2;3\n",
            R"({"InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":["a","b"],
                "CSVDelimiter":"SEMICOLON"})",
            R"([{"a":"1","b":"2"}])"},
        Case{
            "NoMoreThanWanted",
            "a\n1\n2\n3\n",
            R"({"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW","MaxItems":2})",
            R"([{"a":"1"},{"a":"2"}])"}
    ),
    [](const auto& test) { return test.param.name; }
);

class ReadingItemsFails : public Items, public ::testing::WithParamInterface<Case> {};

TEST_P(ReadingItemsFails, WithTheCause) {
    put("items", GetParam().text);
    const auto failed = failure(GetParam().config);
    EXPECT_EQ(failed.error, "States.ItemReaderFailed");
    EXPECT_THAT(failed.cause, HasSubstr(GetParam().items));
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes,
    ReadingItemsFails,
    ::testing::Values(
        Case{
            "NoArray",
            R"({"a":1})",
            R"({"InputType":"JSON"})",
            "Attempting to map over non-iterable node."},
        Case{"NoJson", "[1", R"({"InputType":"JSON"})", "not valid JSON"},
        Case{
            "APointerToNothing",
            "{}",
            R"({"InputType":"JSON","ItemsPointer":"/a"})",
            "'/a' points to nothing"},
        Case{
            "DuplicateHeaders",
            "a,a\n1,2\n",
            R"({"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"})",
            "CSV headers cannot contain duplicates."},
        Case{
            "NothingWanted",
            "[]",
            R"({"InputType":"JSON","MaxItems":-1})",
            "field MaxItems must be positive"},
        Case{"Parquet", "", R"({"InputType":"PARQUET"})", "PARQUET is not supported"},
        Case{"AnUnknownType", "", R"({"InputType":"XML"})", "InputType XML is not supported."}
    ),
    [](const auto& test) { return test.param.name; }
);

TEST_F(Items, AnObjectThatIsNotThereIsToldInS3sWords) {
    EXPECT_EQ(failure(R"({"InputType":"JSON"})").cause, "The specified key does not exist.");
}

TEST_F(Items, NoWayLeadsOutOfTheFolder) {
    std::filesystem::create_symlink("/etc", folder_.path() / "link");
    EXPECT_THAT(failure("{}", "../../etc/passwd").cause, HasSubstr("is no file below"));
    EXPECT_THAT(failure("{}", "link/passwd").cause, HasSubstr("is no file below"));
}

TEST_F(Items, AFolderThatIsNotAllowedIsNotRead) {
    FolderObjects none{{}};
    BucketItems source{nullptr, none};
    try {
        (void)source.read(
            {.action = "getObject"}, {{"Bucket", bucket()}, {"Key", "items"}}, json::object{}
        );
        FAIL();
    } catch (const flow::TaskFailure& failed) {
        EXPECT_THAT(failed.cause, HasSubstr("is not one that Maps may use"));
    }
}

class Listing : public Items {
  protected:
    json::value list(const char* config) {
        put("in/b.json", "[3]");
        put("in/a.json", "[1,2]");
        put("out/c.json", "[4]");
        return *source_.read(
            {.action = "listObjectsV2"},
            {{"Bucket", bucket()}, {"Prefix", "in/"}},
            json::parse(config).as_object()
        );
    }
};

TEST_F(Listing, NamesTheObjectsWithThePrefix) {
    const auto items = list("{}");
    ASSERT_EQ(items.as_array().size(), 2U);
    EXPECT_EQ(items.at(0).at("Key"), "in/a.json");
    EXPECT_EQ(items.at(0).at("Size"), 5);
    EXPECT_EQ(items.at(1).at("Key"), "in/b.json");
}

TEST_F(Listing, ReadsAndJoinsThemWhereThatIsWanted) {
    EXPECT_EQ(
        list(R"({"InputType":"JSON","Transformation":"LOAD_AND_FLATTEN"})"), json::parse("[1,2,3]")
    );
}

TEST_F(Items, AnInventoryNamesItsFilesAndTheirColumns) {
    put("manifest.json",
        R"({"destinationBucket":")" + bucket() +
            R"(","fileFormat":"CSV","fileSchema":"Bucket, Key","files":[{"key":"one.csv"}]})");
    put("one.csv", "\"b\",\"k1\"\n\"b\",\"k2\"\n");
    EXPECT_EQ(
        read(R"({"InputType":"MANIFEST"})", "manifest.json"),
        json::parse(R"([{"Bucket":"b","Key":"k1"},{"Bucket":"b","Key":"k2"}])")
    );
}

std::string gzipped(std::string_view text) {
    std::array<char, 4096> out{};
    std::size_t used = 0;
    auto* writer = archive_write_new();
    archive_write_add_filter_gzip(writer);
    archive_write_set_format_raw(writer);
    archive_write_set_bytes_in_last_block(writer, 1);
    archive_write_open_memory(writer, out.data(), out.size(), &used);
    auto* entry = archive_entry_new();
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_write_header(writer, entry);
    archive_write_data(writer, text.data(), text.size());
    archive_entry_free(entry);
    archive_write_free(writer);
    return {out.data(), used};
}

TEST_F(Items, WhatIsPackedIsUnpacked) {
    put("items", gzipped("[1,2]"));
    EXPECT_EQ(read(R"({"InputType":"JSON"})"), json::parse("[1,2]"));
}

TEST_F(Items, WhatIsDamagedIsTold) {
    put("items", gzipped(std::string(2000, 'x') + "[1,2]").substr(0, 12));
    EXPECT_EQ(failure(R"({"InputType":"JSON"})").error, "States.ItemReaderFailed");
}

TEST(Inflating, KeepsToALimit) {
    EXPECT_THROW((void)inflated(gzipped(std::string(5000, 'x')), 1000), Error);
}

/// Buckets of a process that is about to end.
class StoppedObjects final : public Objects {
  public:
    std::string get(const std::string&, const std::string&, const std::string&) override { stop(); }

    void
    list(const std::string&, const std::string&, const std::function<bool(const aws::S3Object&)>&)
        override {
        stop();
    }

    void put(const std::string&, const std::string&, const std::string&) override { stop(); }

  private:
    [[noreturn]] static void stop() { throw Error{ErrorKind::cancelled, "stopped"}; }
};

TEST_F(Items, ThatTheProcessEndsIsNoFailureOfTheMap) {
    StoppedObjects stopped;
    BucketItems source{&stopped, folders_};
    const json::value parameters{{"Bucket", "b"}, {"Key", "k"}};
    for (const auto* action : {"getObject", "listObjectsV2"}) {
        EXPECT_THROW((void)source.read({.action = action}, parameters, {}), Error) << action;
    }
    EXPECT_THROW(source.write(parameters, "f", "t"), Error);
}

TEST_F(Items, ResultsAreWrittenBelowThePrefix) {
    source_.write({{"Bucket", bucket()}, {"Prefix", "results"}}, "run/manifest.json", "{}");
    EXPECT_EQ(os::read_file(folder_.path() / "results/run/manifest.json"), "{}");
}

TEST_F(Items, ResultsThatCannotBeWrittenAreTheWritersFailure) {
    try {
        source_.write({{"Bucket", "real-bucket"}}, "manifest.json", "{}");
        FAIL();
    } catch (const flow::TaskFailure& failed) {
        EXPECT_EQ(failed.error, "States.ResultWriterFailed");
    }
}

}  // namespace
}  // namespace kiln::tasks
