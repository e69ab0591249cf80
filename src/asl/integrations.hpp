#pragma once

#include "asl/resource.hpp"

#include <string_view>

/// Which services a Task may call.
namespace kiln::asl {

/// Is the text an ARN at all: "arn:" and five more parts?
[[nodiscard]] bool looks_like_arn(std::string_view text) noexcept;

/// Does AWS (or kiln) have this integration with this pattern? Activities and functions: yes.
/// Of `aws-sdk:SERVICE:ACTION` the names are taken as they are.
/// Source: Step Functions' developer guide, "Integrating optimized services".
[[nodiscard]] bool is_known_resource(const Resource& resource) noexcept;

/// What an ItemReader may name: s3:getObject, s3:listObjectsV2.
[[nodiscard]] bool is_reader_resource(const Resource& resource) noexcept;

/// What a ResultWriter may name: s3:putObject.
[[nodiscard]] bool is_writer_resource(const Resource& resource) noexcept;

}  // namespace kiln::asl
