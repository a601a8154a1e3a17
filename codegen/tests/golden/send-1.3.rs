use super::client::{self, Client};
use crate::tool::Error;
use crate::tool::request::{Sent, Values};
/// Sends an operation of this line by its id.
///
/// # Errors
/// A value that is missing, or of another type than the operation takes.
pub async fn send(
    client: &Client,
    operation: &str,
    mut values: Values,
) -> Result<Sent, Error> {
    match operation {
        "createExecution" => {
            let p_tenant = values.tenant();
            let p_namespace: String = values.required("namespace")?;
            let p_id: String = values.required("id")?;
            let p_labels: Option<::std::vec::Vec<::std::string::String>> = values
                .optional("labels")?;
            let p_revision: Option<i64> = values.optional("revision")?;
            let p_content_type = values.content_type();
            Ok(
                client
                    .create_execution(
                        &p_tenant,
                        &p_namespace,
                        &p_id,
                        p_labels.as_ref(),
                        p_revision,
                        &p_content_type,
                        values.body(),
                    )
                    .await,
            )
        }
        "getExecution" => {
            let p_tenant = values.tenant();
            let p_executionid: String = values.required("executionId")?;
            Ok(client.get_execution(&p_tenant, &p_executionid).await)
        }
        "getFlow" => {
            let p_tenant = values.tenant();
            let p_namespace: String = values.required("namespace")?;
            let p_id: String = values.required("id")?;
            let p_revision: Option<i64> = values.optional("revision")?;
            let p_source: Option<bool> = values.optional("source")?;
            Ok(
                client
                    .get_flow(&p_tenant, &p_namespace, &p_id, p_revision, p_source)
                    .await,
            )
        }
        "restartExecution" => {
            let p_tenant = values.tenant();
            let p_executionid: String = values.required("executionId")?;
            Ok(client.restart_execution(&p_tenant, &p_executionid).await)
        }
        "searchFlows" => {
            let p_tenant = values.tenant();
            let p_filters = values.filters();
            let p_page: Option<i64> = values.optional("page")?;
            let p_size: Option<i64> = values.optional("size")?;
            let p_sort: Option<::std::vec::Vec<::std::string::String>> = values
                .optional("sort")?;
            Ok(
                client
                    .search_flows(
                        &p_tenant,
                        p_filters.as_ref(),
                        p_page,
                        p_size,
                        p_sort.as_ref(),
                    )
                    .await,
            )
        }
        "searchLogs" => {
            let p_tenant = values.tenant();
            let p_filters = values.filters();
            let p_page: Option<i64> = values.optional("page")?;
            let p_size: Option<i64> = values.optional("size")?;
            let p_sort: Option<::std::vec::Vec<::std::string::String>> = values
                .optional("sort")?;
            Ok(
                client
                    .search_logs(
                        &p_tenant,
                        p_filters.as_ref(),
                        p_page,
                        p_size,
                        p_sort.as_ref(),
                    )
                    .await,
            )
        }
        "validateFlows" => {
            let p_tenant = values.tenant();
            let p_content_type = values.content_type();
            Ok(client.validate_flows(&p_tenant, &p_content_type, values.body()).await)
        }
        other => Err(Error::unknown_operation(other)),
    }
}
