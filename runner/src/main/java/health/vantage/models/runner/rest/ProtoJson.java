package health.vantage.models.runner.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;

/**
 * The gRPC form's messages as the JSON of Triton's REST form: the same names, and numbers as numbers, where protobuf's own JSON would write
 * 64 bits as text.
 */
final class ProtoJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private ProtoJson() {}

    static ObjectNode of(Message message) {
        ObjectNode object = JSON.objectNode();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.isMapField()) {
                object.set(field.getName(), map(field, (List<?>) message.getField(field)));
            } else if (field.isRepeated()) {
                ArrayNode array = object.putArray(field.getName());
                ((List<?>) message.getField(field)).forEach(value -> array.add(value(value)));
            } else if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE || message.hasField(field)) {
                object.set(field.getName(), value(message.getField(field)));
            }
        }
        return object;
    }

    private static ObjectNode map(FieldDescriptor field, List<?> entries) {
        ObjectNode object = JSON.objectNode();
        FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
        FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
        for (Object entry : entries) {
            Message pair = (Message) entry;
            object.set(pair.getField(key).toString(), value(pair.getField(value)));
        }
        return object;
    }

    private static JsonNode value(Object value) {
        return switch (value) {
            case Message message -> of(message);
            case EnumValueDescriptor constant -> JSON.textNode(constant.getName());
            case Boolean flag -> JSON.booleanNode(flag);
            case Integer number -> JSON.numberNode(number);
            case Long number -> JSON.numberNode(number);
            case Float number -> JSON.numberNode(number);
            case Double number -> JSON.numberNode(number);
            default -> JSON.textNode(value.toString());
        };
    }
}
