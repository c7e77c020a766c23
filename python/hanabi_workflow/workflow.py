"""`temporalio.workflow`, the same names under one roof: what the file of a workflow imports."""

from .calls import (
    ActivityCancellationType,
    ActivityHandle,
    ChildWorkflowCancellationType,
    ChildWorkflowHandle,
    ExternalWorkflowHandle,
    ParentClosePolicy,
    VersioningIntent,
    continue_as_new,
    execute_activity,
    execute_activity_class,
    execute_activity_method,
    execute_child_workflow,
    execute_local_activity,
    execute_local_activity_class,
    execute_local_activity_method,
    get_external_workflow_handle,
    get_external_workflow_handle_for,
    start_activity,
    start_activity_class,
    start_activity_method,
    start_child_workflow,
    start_local_activity,
    start_local_activity_class,
    start_local_activity_method,
)
from .decorators import defn, init, query, run, signal, update
from .functions import (
    LoggerAdapter,
    all_handlers_finished,
    as_completed,
    cancellation_reason,
    current_update_info,
    deprecate_patch,
    get_current_details,
    get_dynamic_query_handler,
    get_dynamic_signal_handler,
    get_dynamic_update_handler,
    get_last_completion_result,
    get_last_failure,
    get_query_handler,
    get_signal_handler,
    get_update_handler,
    has_last_completion_result,
    in_workflow,
    info,
    instance,
    logger,
    memo,
    memo_value,
    now,
    patched,
    payload_converter,
    random,
    set_current_details,
    set_dynamic_query_handler,
    set_dynamic_signal_handler,
    set_dynamic_update_handler,
    set_query_handler,
    set_signal_handler,
    set_update_handler,
    sleep,
    time,
    time_ns,
    upsert_memo,
    upsert_search_attributes,
    uuid4,
    wait,
    wait_condition,
)
from .handlers import HandlerUnfinishedPolicy, UnfinishedSignalHandlersWarning, UnfinishedUpdateHandlersWarning
from .info import Info, ParentInfo, RootInfo, UpdateInfo
from .instance import ReadOnlyContextError
from .outbound import ContinueAsNewError
from .sandbox.errors import NondeterminismError
from .sandbox.policy import SandboxImportNotificationPolicy
from .unsafe import unsafe

__all__ = [name for name in dir() if not name.startswith("_")]
