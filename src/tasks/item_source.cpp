#include "tasks/item_source.hpp"

#include "base/error.hpp"
#include "tasks/csv.hpp"
#include "tasks/inflate.hpp"

#include <fmt/format.h>

namespace kiln::tasks {

namespace {

std::string member_text(const json::object& from, std::string_view name) {
    const auto* value = from.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : "";
}

json::object shown(const aws::S3Object& object) {
    return {
        {"Etag", object.etag},
        {"Key", object.key},
        {"LastModified", object.last_modified},
        {"Size", object.size},
        {"StorageClass", object.storage_class}};
}

/// "arn:aws:s3:::bucket" -> "bucket"
std::string bucket_of(const std::string& text) {
    constexpr std::string_view kArn = ":s3:::";
    const auto mark = text.find(kArn);
    return mark == std::string::npos ? text : text.substr(mark + kArn.size());
}

/// "Bucket, Key, Size" -> its names
std::vector<std::string> schema_names(const std::string& schema) {
    std::vector<std::string> out;
    CsvReader reader{schema, ','};
    for (const auto& name : reader.next().value_or(std::vector<std::string>{})) {
        const auto first = name.find_first_not_of(' ');
        out.push_back(first == std::string::npos ? "" : name.substr(first));
    }
    return out;
}

/// What else goes wrong is the reader's failure, too; but not that this process is about to end.
template <class Work>
auto as_failure(std::string_view error, const Work& work) {
    try {
        return work();
    } catch (const flow::TaskFailure&) {
        throw;
    } catch (const ObjectFailure& failure) {
        throw flow::TaskFailure{std::string{error}, failure.cause};
    } catch (const Error& failure) {
        if (failure.kind() == ErrorKind::cancelled) {
            throw;
        }
        throw flow::TaskFailure{std::string{error}, failure.what()};
    } catch (const std::exception& failure) {
        throw flow::TaskFailure{std::string{error}, failure.what()};
    }
}

}  // namespace

BucketItems::Place BucketItems::place_of(const json::value& parameters) {
    if (!parameters.is_object()) {
        throw ObjectFailure{"The parameters name no Bucket."};
    }
    const auto& members = parameters.get_object();
    Place out{
        member_text(members, "Bucket"),
        member_text(members, "Key"),
        member_text(members, "VersionId"),
        member_text(members, "Prefix")};
    if (out.bucket.empty()) {
        throw ObjectFailure{"The parameters name no Bucket."};
    }
    return out;
}

Objects& BucketItems::objects_of(const std::string& bucket) const {
    if (is_folder_bucket(bucket)) {
        return folders_;
    }
    if (s3_ == nullptr) {
        throw ObjectFailure{"No S3 endpoint and keys are configured."};
    }
    return *s3_;
}

std::string BucketItems::text_at(const Place& place) const {
    return inflated(objects_of(place.bucket).get(place.bucket, place.key, place.version));
}

void BucketItems::add_object(const Place& place, const ReaderConfig& config, json::array& items)
    const {
    const auto text = text_at(place);
    switch (config.manifest) {
        case ManifestKind::none:
            return add_items(text, config, items);
        case ManifestKind::s3_inventory:
            return add_inventory(text, config, items);
        case ManifestKind::athena_data:
            return add_athena(text, config, items);
    }
}

/// The manifest.json of an inventory: files with rows, whose columns it names.
void BucketItems::add_inventory(
    const std::string& manifest, ReaderConfig config, json::array& items
) const {
    const auto document = parse_json(manifest).as_object();
    if (const auto format = member_text(document, "fileFormat"); format != "CSV") {
        fail_reading(fmt::format("An inventory in the format {} is not supported.", format));
    }
    config.input = InputType::csv;
    config.headers = schema_names(member_text(document, "fileSchema"));
    const auto bucket = bucket_of(member_text(document, "destinationBucket"));
    for (const auto& file : document.at("files").as_array()) {
        if (items.size() >= config.max_items) {
            return;
        }
        add_items(text_at({bucket, member_text(file.as_object(), "key"), "", ""}), config, items);
    }
}

/// A line for each data file: "s3://BUCKET/KEY".
void BucketItems::add_athena(
    const std::string& manifest, const ReaderConfig& config, json::array& items
) const {
    constexpr std::string_view kScheme = "s3://";
    CsvReader reader{manifest, ','};
    while (items.size() < config.max_items) {
        const auto row = reader.next();
        if (!row) {
            return;
        }
        const auto& uri = row->front();
        const auto slash = uri.find('/', kScheme.size());
        if (!uri.starts_with(kScheme) || slash == std::string::npos) {
            fail_reading(fmt::format("The manifest's line '{}' is not s3://BUCKET/KEY.", uri));
        }
        const auto bucket = uri.substr(kScheme.size(), slash - kScheme.size());
        add_items(text_at({bucket, uri.substr(slash + 1), "", ""}), config, items);
    }
}

void BucketItems::add_listing(const Place& place, const ReaderConfig& config, json::array& items)
    const {
    objects_of(place.bucket).list(place.bucket, place.prefix, [&](const aws::S3Object& object) {
        if (!config.load_and_flatten) {
            items.push_back(shown(object));
        } else if (!object.key.ends_with('/')) {
            add_items(text_at({place.bucket, object.key, "", ""}), config, items);
        }
        return items.size() < config.max_items;
    });
}

flow::Payload BucketItems::read(
    const asl::Resource& resource, const json::value& parameters, const json::object& config
) {
    const auto wanted = read_config(config);
    return as_failure("States.ItemReaderFailed", [&]() -> flow::Payload {
        const auto place = place_of(parameters);
        json::array items;
        if (resource.action == "getObject") {
            add_object(place, wanted, items);
        } else if (resource.action == "listObjectsV2") {
            add_listing(place, wanted, items);
        } else {
            fail_reading(fmt::format("The resource '{}' is no ItemReader's.", resource.arn));
        }
        return std::make_shared<const json::value>(std::move(items));
    });
}

void BucketItems::write(
    const json::value& parameters, const std::string& file, const std::string& text
) {
    as_failure("States.ResultWriterFailed", [&] {
        const auto place = place_of(parameters);
        const bool slash = place.prefix.empty() || place.prefix.ends_with('/');
        objects_of(place.bucket).put(place.bucket, place.prefix + (slash ? "" : "/") + file, text);
    });
}

}  // namespace kiln::tasks
